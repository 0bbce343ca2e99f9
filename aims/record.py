"""The bases of every frozen value, and the canonical form that is hashed and signed."""

import hashlib
from typing import Annotated, Any

import rfc8785
from pydantic import BaseModel, ConfigDict, StringConstraints

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A SHA-256 digest as text: `sha256:` and 64 lower-case hexadecimal digits."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
"""An opaque handle of a person of the organisation; never a name or an address."""

RoleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
"""A role of `policies/roles.toml`."""

SystemKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
"""The stable key of an AI system, for example `credit-scorer`."""


class Record(BaseModel):
    """A frozen value that travels between processes; unknown fields are ignored so that it can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Declared(BaseModel):
    """A frozen value that a person wrote in a file or a request; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 canonical JSON of a JSON value or a model.

    Raises:
        rfc8785.CanonicalizationError: For values that JSON cannot carry exactly, such as integers above 2**53.

    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return rfc8785.dumps(plain)


def digest_of(value: Any) -> Digest:
    """Return the SHA-256 digest of a value's canonical JSON."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"
