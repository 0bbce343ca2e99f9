"""What the embedded stack keeps secret: passwords, tokens and the key that signs acts."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SECRET_BYTES = 24


class Vault:
    """A folder of secrets, one to a file, readable by the owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def password(self, name: str, *, prefix: str = "") -> str:
        """Return the secret of that name; made at random the first time."""
        path = self.path(name)
        if not path.exists():
            self.keep(name, prefix + secrets.token_urlsafe(SECRET_BYTES))
        return path.read_text()

    def keep(self, name: str, content: str) -> Path:
        """Store a secret, replacing what was there in one step, and return its file."""
        path = self.path(name)
        fresh = path.with_name(f".{name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
        fresh.replace(path)
        return path

    def path(self, name: str) -> Path:
        """Return the file of the secret."""
        return self.folder / name


class SigningKey:
    """The Ed25519 key that signs acts, made once, and the public key that verifies them."""

    def __init__(self, folder: Path) -> None:
        keys = Vault(folder)
        self.private = keys.path("signing.pem")
        self.public = keys.path("verify.pem")
        if not self.private.exists():
            pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            keys.keep(self.private.name, pem.decode())
        if not self.public.exists():
            keys.keep(self.public.name, self._public_pem())

    def _public_pem(self) -> str:
        key = load_pem_private_key(self.private.read_bytes(), password=None)
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
