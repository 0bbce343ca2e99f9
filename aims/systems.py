"""The AI system: its stages and the moves between them, and what the register says of it."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from aims.errors import InvalidTransition
from aims.record import Digest, PersonId, Record, SystemKey


class Stage(StrEnum):
    """Where an AI system stands in its life. Source: ISO/IEC 42001:2023, A.6.2."""

    INTAKE = "intake"
    RISK_ASSESSMENT = "risk_assessment"
    APPROVAL = "approval"
    DEPLOYMENT_SIGN_OFF = "deployment_sign_off"
    IN_OPERATION = "in_operation"
    PERIODIC_REVIEW = "periodic_review"
    SUSPENDED = "suspended"
    DECOMMISSIONING = "decommissioning"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DECOMMISSIONED = "decommissioned"


class Tier(StrEnum):
    """How much governance an AI system gets; decided by the tier policy."""

    MINIMAL = "minimal"
    LIMITED = "limited"
    HIGH = "high"
    PROHIBITED = "prohibited"


TIER_ORDER = (Tier.MINIMAL, Tier.LIMITED, Tier.HIGH, Tier.PROHIBITED)
"""From least to most governance."""

ENDS = (Stage.REJECTED, Stage.WITHDRAWN, Stage.DECOMMISSIONED)
"""Stages with no way out."""

BEFORE_OPERATION = (Stage.INTAKE, Stage.RISK_ASSESSMENT, Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF)
"""Stages in which the requester can still withdraw."""

_S = Stage
MOVES: dict[Stage, tuple[Stage, ...]] = {
    _S.INTAKE: (_S.RISK_ASSESSMENT, _S.APPROVAL, _S.REJECTED, _S.WITHDRAWN, _S.SUSPENDED),
    _S.RISK_ASSESSMENT: (_S.APPROVAL, _S.INTAKE, _S.REJECTED, _S.WITHDRAWN, _S.SUSPENDED),
    _S.APPROVAL: (_S.DEPLOYMENT_SIGN_OFF, _S.RISK_ASSESSMENT, _S.INTAKE, _S.REJECTED, _S.WITHDRAWN, _S.SUSPENDED),
    _S.DEPLOYMENT_SIGN_OFF: (
        _S.IN_OPERATION,
        _S.APPROVAL,
        _S.RISK_ASSESSMENT,
        _S.INTAKE,
        _S.REJECTED,
        _S.WITHDRAWN,
        _S.SUSPENDED,
    ),
    _S.IN_OPERATION: (_S.PERIODIC_REVIEW, _S.SUSPENDED, _S.DECOMMISSIONING),
    _S.PERIODIC_REVIEW: (_S.IN_OPERATION, _S.SUSPENDED, _S.RISK_ASSESSMENT, _S.DECOMMISSIONING),
    _S.SUSPENDED: (_S.PERIODIC_REVIEW, _S.RISK_ASSESSMENT, _S.DECOMMISSIONING),
    _S.DECOMMISSIONING: (_S.DECOMMISSIONED, _S.IN_OPERATION, _S.SUSPENDED),
    _S.REJECTED: (),
    _S.WITHDRAWN: (),
    _S.DECOMMISSIONED: (),
}
"""The legal moves. The only first way into operation is from deployment sign-off; reviews only lead back."""


def checked_move(origin: Stage, target: Stage) -> Stage:
    """Return the target of a legal move.

    Raises:
        InvalidTransition: When the life cycle has no such move.

    """
    if target not in MOVES[origin]:
        raise InvalidTransition(f"An AI system cannot go from {origin} to {target}.")
    return target


class SystemProfile(Record):
    """What the register says of an AI system; free text stays in PostgreSQL and never enters a workflow."""

    key: SystemKey
    name: str
    purpose: str
    owner: PersonId
    requester: PersonId
    unit: str = ""
    stage: Stage = Stage.INTAKE
    tier: Tier | None = None
    risk_class: str | None = None
    findings: list[str] = Field(default_factory=list)
    policy_digest: Digest | None = None
    waiting_for: list[str] = Field(default_factory=list)
    due_at: datetime | None = None
    next_review_at: datetime | None = None
    requested_at: datetime
    updated_at: datetime
