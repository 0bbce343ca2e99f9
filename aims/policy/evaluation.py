"""Policy and facts to verdicts with the rules that gave them."""

from aims.approval import ApprovalRule
from aims.classification import RiskClass
from aims.deadlines import Deadline
from aims.errors import NoMatchingRule
from aims.forms import Form, FormPurpose
from aims.policy.model import Cadence, Policy
from aims.record import Record
from aims.systems import TIER_ORDER, Tier


class TierVerdict(Record):
    """The tier and the rules that gave it."""

    tier: Tier
    rules: list[str]


def tier_of(policy: Policy, risk_class: RiskClass, *, score: int | None = None) -> TierVerdict:
    """Return the highest tier that any rule gives for the class and, once known, the inherent score.

    Raises:
        NoMatchingRule: When no rule covers the case.

    """
    hits = [
        rule
        for rule in policy.tier_rules
        if risk_class in rule.classes
        or (score is not None and rule.from_score is not None and score >= rule.from_score)
    ]
    if not hits:
        raise NoMatchingRule(f"tiers.toml has no rule for class '{risk_class}'. Add one that names it.")
    worst = max(hits, key=lambda rule: TIER_ORDER.index(rule.tier)).tier
    return TierVerdict(tier=worst, rules=[rule.id for rule in hits if rule.tier is worst])


def approval_for(policy: Policy, subject: str, *, tier: Tier) -> ApprovalRule:
    """Return the approval that a subject needs in a tier.

    Raises:
        NoMatchingRule: When the matrix has none.

    """
    for rule in policy.approvals:
        if rule.subject == subject and tier in rule.tiers:
            return rule
    raise NoMatchingRule(f"approval-matrix.toml has no approval of '{subject}' for tier '{tier}'. Add one.")


def forms_for(policy: Policy, purpose: FormPurpose, *, tier: Tier) -> list[Form]:
    """Return the forms that are due for a purpose in a tier, in file order."""
    return [form for form in policy.forms if form.purpose is purpose and tier in form.tiers]


def form_named(policy: Policy, name: str) -> Form:
    """Return a form by its id.

    Raises:
        NoMatchingRule: When there is none.

    """
    for form in policy.forms:
        if form.id == name:
            return form
    raise NoMatchingRule(f"assessments.toml has no form '{name}'.")


def deadline_named(policy: Policy, name: str) -> Deadline:
    """Return a deadline by its id; a checked policy has every one that it names."""
    return next(deadline for deadline in policy.deadlines if deadline.id == name)


def cadence_for(policy: Policy, tier: Tier) -> Cadence:
    """Return how often a system of the tier is reviewed.

    Raises:
        NoMatchingRule: When tiers.toml has no cadence for the tier.

    """
    for cadence in policy.cadences:
        if tier in cadence.tiers:
            return cadence
    raise NoMatchingRule(f"tiers.toml has no review cadence for tier '{tier}'. Add one.")
