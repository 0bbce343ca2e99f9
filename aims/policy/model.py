"""A policy as it stands in the files of `policies/`; every rule has an owner, a clause and a rationale."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from aims.approval import ApprovalRule
from aims.classification import Questionnaire, RiskClass
from aims.deadlines import Deadline
from aims.forms import Form
from aims.record import Digest, Record, RoleId, digest_of
from aims.risk import RiskMethod
from aims.systems import Tier


class Role(Record):
    """A role that people hold. Source: ISO/IEC 42001:2023, 5.3."""

    id: RoleId
    title: str
    clause: str
    owner: str
    rationale: str


class TierRule(Record):
    """Which tier holds when the class is one of `classes`, or the inherent score reaches `from_score`."""

    id: str
    tier: Tier
    classes: list[RiskClass] = Field(default_factory=list)
    from_score: int | None = None
    clause: str
    owner: str
    rationale: str

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if not self.classes and self.from_score is None:
            raise ValueError("a tier rule needs classes or from_score; without them it never holds")
        return self


class Cadence(Record):
    """How often a system of the tiers is reviewed. Source: ISO/IEC 42001:2023, 9.1."""

    id: str
    tiers: list[Tier]
    every: timedelta
    clause: str
    owner: str
    rationale: str


class Policy(Record):
    """Everything that decides a case, as one value with one digest."""

    roles: list[Role]
    deadlines: list[Deadline]
    questionnaire: Questionnaire
    risk_method: RiskMethod
    tier_rules: list[TierRule]
    cadences: list[Cadence]
    forms: list[Form]
    approvals: list[ApprovalRule]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def digest(self) -> Digest:
        """Return the SHA-256 digest under which this exact policy is kept."""
        return digest_of(self)


class PolicySnapshot(Record):
    """The exact policy of a case and its digest; a running case keeps it."""

    digest: Digest
    policy: Policy


def _problems(policy: Policy) -> Iterator[str]:
    roles = {role.id for role in policy.roles}
    deadlines = {deadline.id for deadline in policy.deadlines}
    yield from _unknown("role", roles, uses=_role_uses(policy))
    yield from _unknown("deadline", deadlines, uses=_deadline_uses(policy))
    yield from _doubled(policy)


def _unknown(kind: str, known: set[str], *, uses: Iterable[tuple[str, str]]) -> Iterator[str]:
    for where, name in uses:
        if name not in known:
            yield f"{where}: {kind} '{name}' does not exist; add it or name one of {', '.join(sorted(known))}"


def _role_uses(policy: Policy) -> Iterator[tuple[str, str]]:
    for form in policy.forms:
        yield f"assessments.toml, form '{form.id}'", form.role
        if form.escalate_to:
            yield f"assessments.toml, form '{form.id}'", form.escalate_to
    for rule in policy.approvals:
        for stage in rule.stages:
            for group in stage.groups:
                where = f"approval-matrix.toml, approval '{rule.id}', stage '{stage.id}'"
                yield where, group.role
                if group.escalate_to:
                    yield where, group.escalate_to


def _deadline_uses(policy: Policy) -> Iterator[tuple[str, str]]:
    for form in policy.forms:
        yield f"assessments.toml, form '{form.id}'", form.deadline
    for rule in policy.approvals:
        yield f"approval-matrix.toml, approval '{rule.id}'", rule.deadline


def _doubled(policy: Policy) -> Iterator[str]:
    tables: dict[str, list[str]] = {
        "roles.toml": [role.id for role in policy.roles],
        "deadlines.toml": [deadline.id for deadline in policy.deadlines],
        "questionnaire.toml": [question.id for question in policy.questionnaire.questions],
        "tiers.toml": [*(rule.id for rule in policy.tier_rules), *(cadence.id for cadence in policy.cadences)],
        "assessments.toml": [form.id for form in policy.forms],
        "approval-matrix.toml": [rule.id for rule in policy.approvals],
    }
    for name, ids in tables.items():
        for double in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"{name}: id '{double}' stands twice; give each rule its own id"
