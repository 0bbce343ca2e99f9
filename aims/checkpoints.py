"""Signed checkpoints of the ledger, in the form of C2SP tlog-checkpoint and signed-note.

The text of a note begins with the origin, acts are signed under another first line: neither passes for the other.
"""

import base64
import hashlib
import re
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints

from aims.acts import VerifyKeys
from aims.errors import Invalid
from aims.record import Record

ORIGIN = "aims.ledger.v1"
"""The first line of every checkpoint, and the name of the keys that sign them."""

LONGEST_NOTE = 16_384
"""Characters; room for the sixteen signatures that a reader of notes has to accept."""

_NO_CHECKPOINT = "This is no checkpoint of an AIMS ledger."
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_TEXT = re.compile(
    rf"{re.escape(ORIGIN)}\n(?P<size>0|[1-9][0-9]{{0,17}})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\nhead (?P<head>[0-9a-f]{64})\n"
)

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Checkpoint(Record):
    """What the ledger was at a size: the Merkle root over its entries' hashes, and the hash of the last entry."""

    size: int = Field(ge=0)
    root: Hash
    head: Hash

    def text(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        return f"{ORIGIN}\n{self.size}\n{root}\nhead {self.head}\n"


def note_key(public: bytes) -> str:
    """Return a public key, 32 raw bytes, as readers of notes take it: name, key id and key."""
    return f"{ORIGIN}+{_key_id(public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def signed_note(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a note with one signature; the same key gives the same note."""
    text = checkpoint.text()
    signature = _key_id(key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {ORIGIN} {base64.b64encode(signature).decode()}\n"


def opened_note(note: str, keys: VerifyKeys) -> Checkpoint:
    """Return the checkpoint of a note that a known key signed; signatures of unknown keys are ignored.

    Raises:
        Invalid: When the note is none of this form, no known key signed it, or a known key's signature does not fit.

    """
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    found = _TEXT.fullmatch(text) if len(note) <= LONGEST_NOTE else None
    if found is None or not lines.endswith("\n"):
        raise Invalid(_NO_CHECKPOINT)
    known = _known_keys(keys)
    signatures = [_signature(line) for line in lines.removesuffix("\n").split("\n")]
    ours = [(known[key], signature) for key, signature in signatures if key in known]
    if not ours:
        raise Invalid("None of the keys of AIMS_VERIFY_KEYS signed this note.")
    if not all(_fits(public, signature, text=text) for public, signature in ours):
        raise Invalid("A signature of this note is forged.")
    root = base64.b64decode(found["root"], validate=True)
    if base64.b64encode(root).decode() != found["root"]:
        raise Invalid(_NO_CHECKPOINT)
    return Checkpoint(size=int(found["size"]), root=root.hex(), head=found["head"])


def _key_id(public: bytes) -> bytes:
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def _known_keys(keys: VerifyKeys) -> dict[bytes, bytes]:
    raw = [base64.b64decode(key) for key in keys.values()]
    return {_key_id(public): public for public in raw}


def _signature(line: str) -> tuple[bytes, bytes]:
    """Return key id and signature of a signature line; of another name's, an id that is nobody's."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not name or not encoded:
        raise Invalid(_NO_CHECKPOINT)
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError as cause:
        raise Invalid(_NO_CHECKPOINT) from cause
    return (content[:_KEY_ID_BYTES] if name == ORIGIN else b""), content[_KEY_ID_BYTES:]


def _fits(public: bytes, signature: bytes, *, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
