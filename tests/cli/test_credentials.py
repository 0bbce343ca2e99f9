"""What the embedded stack keeps secret."""

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from cli.credentials import SigningKey, Vault


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_password_is_made_once_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secrets")
    assert vault.password("db") == Vault(tmp_path / "secrets").password("db")
    assert vault.password("db") != vault.password("other")
    assert mode(tmp_path / "secrets") == 0o700
    assert mode(vault.path("db")) == 0o600


def test_a_secret_can_be_replaced(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.keep("url", "one")
    assert vault.keep("url", "two").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["url"]


def test_the_public_key_verifies_what_the_signing_key_signed(tmp_path: Path) -> None:
    first, again = SigningKey(tmp_path / "keys"), SigningKey(tmp_path / "keys")
    private = load_pem_private_key(first.private.read_bytes(), password=None)
    public = load_pem_public_key(again.public.read_bytes())
    assert isinstance(private, Ed25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(private.sign(b"act"), b"act")
    assert mode(first.private) == 0o600
