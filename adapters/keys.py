"""Ed25519 keys from PEM: the entrance's private key, and the public keys whose signatures count."""

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import SecretStr

from adapters.faults import PermanentFault
from aims.acts import VerifyKeys, verify_keys_of

_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


def signing_key(pem: SecretStr) -> Ed25519PrivateKey:
    """Return the private key of an entrance.

    Raises:
        PermanentFault: When the text is no Ed25519 private key in PEM.
    """
    try:
        key = load_pem_private_key(pem.get_secret_value().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise PermanentFault("AIMS_SIGNING_KEY is no private key in PEM. Create one with `aims keys new`.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise PermanentFault("AIMS_SIGNING_KEY is not an Ed25519 key. Create one with `aims keys new`.")
    return key


def verify_keys(path: Path) -> VerifyKeys:
    """Return every public key of a file of PEM blocks.

    Raises:
        PermanentFault: When the file cannot be read or holds no Ed25519 public key.
    """
    try:
        blocks = _BLOCK.findall(path.read_bytes())
        keys = [load_pem_public_key(block) for block in blocks]
    except (OSError, ValueError, UnsupportedAlgorithm) as cause:
        raise PermanentFault("The file of AIMS_VERIFY_KEYS holds no readable public keys in PEM.") from cause
    known = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not known:
        raise PermanentFault("The file of AIMS_VERIFY_KEYS holds no Ed25519 public key; nobody could decide anything.")
    return verify_keys_of(*known)
