"""Keys from PEM: what is no key is refused without repeating it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr

from adapters.faults import PermanentFault
from adapters.keys import signing_key, verify_keys
from aims.acts import ActKind, key_id_of, verify, verify_keys_of
from tests.builders import FOREIGN_KEY, KEY, signed

OTHER_KIND = ec.generate_private_key(ec.SECP256R1())
LABEL = "PUBLIC " + "KEY"
Private = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | X25519PrivateKey


def private(key: Private, encryption: KeySerializationEncryption | None = None) -> str:
    """Return a private key in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def public(*keys: Private) -> bytes:
    """Return a file of public keys with some words around them."""
    blocks = [key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in keys]
    return b"# the entrances of this year\n" + b"\n# the next\n".join(blocks)


def test_a_key_that_was_written_signs_and_verifies_when_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.pub"
    path.write_bytes(public(KEY))
    act = signed(ActKind.VOTE, "lena", case="c", key=signing_key(SecretStr(private(KEY))))
    assert verify(act, verify_keys(path)) == act.act


WRONG_PRIVATE = {
    "nothing": "",
    "words": "hunter2",
    "half a key": private(KEY)[:60],
    "a locked key": private(KEY, BestAvailableEncryption(b"pass")),
    "a public key": public(KEY).decode(),
    "another kind": private(OTHER_KIND),
    "a key for exchange": private(X25519PrivateKey.generate()),
}


@pytest.mark.parametrize("wrong", WRONG_PRIVATE)
def test_what_is_no_signing_key_is_refused_and_never_repeated(wrong: str) -> None:
    with pytest.raises(PermanentFault, match="AIMS_SIGNING_KEY is no") as broken:
        signing_key(SecretStr(WRONG_PRIVATE[wrong]))
    assert "aims keys new" in str(broken.value)
    assert broken.value.__cause__ is None
    assert "hunter2" not in str(broken.value)


def test_every_ed25519_key_of_a_file_counts_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "keys.pub"
    path.write_bytes(public(KEY, OTHER_KIND, FOREIGN_KEY))
    assert verify_keys(path) == verify_keys_of(KEY.public_key(), FOREIGN_KEY.public_key())
    assert key_id_of(KEY.public_key()) in verify_keys(path)


# An object identifier that names no kind of key.
UNKNOWN_KIND = (
    f"-----BEGIN {LABEL}-----\nMCowBQYDK2V/AyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END {LABEL}-----\n"
)

WRONG_PUBLIC = {
    "nothing": b"",
    "words": b"no keys here",
    "only another kind": public(OTHER_KIND),
    "an unknown kind": UNKNOWN_KIND.encode(),
    "a broken block": f"-----BEGIN {LABEL}-----\nAAAA\n-----END {LABEL}-----\n".encode(),
    "a private key": private(KEY).encode(),
}


@pytest.mark.parametrize("wrong", WRONG_PUBLIC)
def test_a_file_without_a_usable_public_key_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "keys.pub"
    path.write_bytes(WRONG_PUBLIC[wrong])
    with pytest.raises(PermanentFault, match="AIMS_VERIFY_KEYS holds no"):
        verify_keys(path)


def test_a_missing_file_of_public_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentFault, match="AIMS_VERIFY_KEYS"):
        verify_keys(tmp_path / "keys.pub")
