"""Acts: what a person did, signed by the entrance that authenticated them. Source: reliability decision 1."""

import base64
import hashlib
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from aims.errors import ForgedAct
from aims.record import Digest, PersonId, Record, RoleId, canonical

type_of_fact = str | int | bool
_DOMAIN = b"aims.act.v1\n"


class ActKind(StrEnum):
    """What kind of act a person performs."""

    START = "start"
    VOTE = "vote"
    SUBMISSION = "submission"
    WITHDRAWAL = "withdrawal"
    DECOMMISSIONING = "decommissioning"


class Channel(StrEnum):
    """Through which entrance an act came."""

    SLACK = "slack"
    REST = "rest"


class Act(Record):
    """One act, without free text or personal data: those stay with its row in PostgreSQL.

    `case` is the id of the workflow that is addressed, `digest` the content that the person saw or wrote,
    `facts` the machine-readable part of a submission, `roles` what the person held when they acted.
    """

    id: str
    kind: ActKind
    case: str
    step: str = ""
    person: PersonId
    roles: list[RoleId] = Field(default_factory=list)
    verdict: str = ""
    has_reason: bool = False
    digest: Digest
    facts: dict[str, type_of_fact] = Field(default_factory=dict)
    channel: Channel
    at: datetime


class SignedAct(Record):
    """An act with the signature of the entrance that took it."""

    act: Act
    key_id: str
    signature: str


VerifyKeys = dict[str, str]
"""Public Ed25519 keys: key id -> base64 of the 32 raw bytes."""


def key_id_of(public: Ed25519PublicKey) -> str:
    """Return the id of a key: the first 16 hexadecimal digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def verify_keys_of(*public: Ed25519PublicKey) -> VerifyKeys:
    """Return public keys in the form that workflows carry."""
    return {key_id_of(key): base64.b64encode(key.public_bytes_raw()).decode() for key in public}


def sign(act: Act, key: Ed25519PrivateKey) -> SignedAct:
    """Return the act with the signature of the entrance's key over its canonical form."""
    signature = base64.b64encode(key.sign(_DOMAIN + canonical(act))).decode()
    return SignedAct(act=act, key_id=key_id_of(key.public_key()), signature=signature)


def verify(signed: SignedAct, keys: VerifyKeys) -> Act:
    """Return the act when one of the keys signed exactly this act.

    Raises:
        ForgedAct: When the key is unknown or the signature does not fit.

    """
    if signed.key_id not in keys:
        raise ForgedAct("This act was not signed by an entrance of AIMS. Act through Slack or the REST interface.")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[signed.key_id]))
    try:
        public.verify(base64.b64decode(signed.signature, validate=True), _DOMAIN + canonical(signed.act))
    except (InvalidSignature, ValueError) as cause:
        raise ForgedAct("The signature of this act is not valid. Act through Slack or the REST interface.") from cause
    return signed.act
