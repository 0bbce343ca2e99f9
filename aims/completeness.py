"""Whether every case has a way to go under a policy, and every rule a clause that exists."""

from collections.abc import Callable, Iterator
from functools import partial

from aims.classification import RiskClass
from aims.clauses import known_clause
from aims.dossier import DEPLOYMENT, FIGURES, RETIREMENT, USE
from aims.errors import AimsError
from aims.forms import FieldKind, Form, FormPurpose
from aims.lifecycle import ReviewResult
from aims.policy.evaluation import approval_for, cadence_for, forms_for, tier_of
from aims.policy.model import Policy
from aims.systems import Tier

GOVERNED = (Tier.MINIMAL, Tier.LIMITED, Tier.HIGH)
"""The tiers that can enter operation."""

_ASKED = (FormPurpose.CLARIFICATION, FormPurpose.REVISION, FormPurpose.REVIEW)
_CONCLUSIONS = [str(one) for one in (ReviewResult.CONTINUE, ReviewResult.REASSESS, ReviewResult.SUSPEND)]


def gaps(policy: Policy) -> Iterator[str]:
    """Yield a sentence for every class or tier under which some case would get stuck."""
    for risk_class in RiskClass:
        yield from _missing(partial(tier_of, policy, risk_class))
    for tier in GOVERNED:
        yield from _missing(partial(cadence_for, policy, tier))
        for subject in (USE, DEPLOYMENT, RETIREMENT):
            yield from _missing(partial(approval_for, policy, subject, tier=tier))
        for purpose in _ASKED:
            if not forms_for(policy, purpose, tier=tier):
                yield f"assessments.toml has no form with purpose '{purpose}' for tier '{tier}'. Add one."
    for form in policy.forms:
        yield from _form_gaps(form)
        yield from _figure_gaps(form, policy.risk_method.scale)


def unknown_clauses(policy: Policy) -> Iterator[str]:
    """Yield a sentence for every rule whose clause is no identifier of a text that AIMS knows."""
    named = [("roles.toml", one.id, one.clause) for one in policy.roles]
    named += [("deadlines.toml", one.id, one.clause) for one in policy.deadlines]
    named += [("tiers.toml", one.id, one.clause) for one in policy.tier_rules]
    named += [("tiers.toml", one.id, one.clause) for one in policy.cadences]
    named += [("assessments.toml", one.id, one.clause) for one in policy.forms]
    named += [("approval-matrix.toml", one.id, one.clause) for one in policy.approvals]
    named.append(("risk-appetite.toml", policy.risk_method.id, policy.risk_method.clause))
    named.append(("questionnaire.toml", policy.questionnaire.version, policy.questionnaire.clause))
    named += [("questionnaire.toml", one.id, one.article) for one in policy.questionnaire.questions]
    for name, rule, clause in named:
        for problem in _missing(partial(known_clause, clause)):
            yield f"{name}, '{rule}': {problem}"


def _form_gaps(form: Form) -> Iterator[str]:
    if form.purpose is not FormPurpose.REVIEW:
        return
    field = next((one for one in form.fields if one.id == "conclusion"), None)
    allowed = [*_CONCLUSIONS, str(ReviewResult.DECOMMISSION)]
    if field is None or field.kind is not FieldKind.CHOICE or set(field.choices) - set(allowed):
        yield f"assessments.toml, form '{form.id}' needs a choice 'conclusion' of {', '.join(allowed)}."


def _figure_gaps(form: Form, scale: int) -> Iterator[str]:
    """Yield a sentence for every figure of risk that could be off the scale, or no number, and so would not count."""
    for field in form.fields:
        fits = field.kind is FieldKind.NUMBER and field.least >= 1 and field.most <= scale
        if field.id in FIGURES and not fits:
            yield f"assessments.toml, form '{form.id}', field '{field.id}' needs a number from 1 to {scale}."


def _missing(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except AimsError as problem:
        yield problem.sentence
