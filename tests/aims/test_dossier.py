"""What people decide on, and the digest that changes when any of it does."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.acts import ActKind
from aims.classification import Answer, RiskClass
from aims.dossier import (
    DEPLOYMENT,
    FIGURES,
    RETIREMENT,
    USE,
    Assessment,
    Dossier,
    empty_dossier,
    question_form,
    standing_of,
    voted_digest,
)
from aims.policy.model import PolicySnapshot
from aims.record import digest_of
from aims.systems import Tier
from tests.builders import DIGEST, dossier, policy, signed, snapshot, start

FULL = dossier("scorer")
REWRITTEN = Assessment(form="risk-assessment", author="ada", digest=digest_of("rewritten"))
RECHECKED = Assessment(form="go-live", author="ada", digest=digest_of("rechecked"))


def voted(some: Dossier = FULL, *, subject: str = DEPLOYMENT, under: PolicySnapshot | None = None) -> str:
    """Return the digest that is voted on."""
    return voted_digest(under or snapshot(), some, subject=subject)


def figures(*values: Any, form: str = "risk-assessment") -> Assessment:
    """Return an assessment that carries figures of risk."""
    return Assessment(form=form, author="ada", digest=DIGEST, facts=dict(zip(FIGURES, values, strict=False)))


def test_a_new_dossier_knows_nothing() -> None:
    assert empty_dossier("scorer", policy()) == Dossier(system="scorer", answers={"high_risk": Answer.UNKNOWN})


def test_an_act_answers_known_questions_with_known_answers_only() -> None:
    facts = {"high_risk": "maybe", "owner": "yes", "likelihood": 1}
    kept = empty_dossier("scorer", policy()).with_answers(signed(ActKind.START, "rita", case="c", facts=facts).act)
    assert kept.answers == {"high_risk": Answer.UNKNOWN}
    assert kept.with_answers(start("scorer").act).answers == {"high_risk": Answer.NO}


def test_the_latest_submission_of_a_form_counts_in_the_first_ones_place() -> None:
    again = FULL.with_assessment(REWRITTEN.model_copy(update={"author": "lena"}))
    assert [(one.form, one.author) for one in again.assessments] == [("risk-assessment", "lena"), ("go-live", "ada")]
    assert again.authors() == ["lena", "ada"]


@pytest.mark.feature(55, 56)
@pytest.mark.parametrize(
    "changed",
    [
        FULL.model_copy(update={"system": "other"}),
        FULL.model_copy(update={"answers": {"high_risk": Answer.UNKNOWN}}),
        FULL.model_copy(update={"assessments": FULL.assessments[:1]}),
        FULL.with_assessment(REWRITTEN),
        FULL.with_assessment(RECHECKED),
    ],
    ids=["system", "answer", "missing", "assessment", "checklist"],
)
def test_what_is_voted_on_changes_with_every_part_of_it(changed: Dossier) -> None:
    assert voted(changed) != voted()


def test_what_is_voted_on_changes_with_subject_and_policy() -> None:
    other = PolicySnapshot(digest=DIGEST, policy=policy())
    assert len({voted(), voted(subject=USE), voted(subject=RETIREMENT), voted(under=other)}) == 4


def test_the_order_of_submissions_does_not_change_what_is_voted_on() -> None:
    turned = FULL.model_copy(update={"assessments": FULL.assessments[::-1]})
    assert voted(turned) == voted()


def test_use_is_decided_before_checklists_and_does_not_depend_on_them() -> None:
    assert voted(FULL.with_assessment(RECHECKED), subject=USE) == voted(subject=USE)
    assert voted(FULL.with_assessment(REWRITTEN), subject=USE) != voted(subject=USE)
    assert [one.form for one in FULL.voted_under(USE, policy()).assessments] == ["risk-assessment"]


@pytest.mark.feature(15)
def test_the_tier_follows_from_answers_and_from_inherent_risk() -> None:
    plain = standing_of(policy(), FULL)
    assert (plain.classification.risk_class, plain.tier.tier, plain.risk) == (RiskClass.MINIMAL, Tier.LIMITED, None)
    rated = standing_of(policy(), FULL.with_assessment(figures(5, 5, 1, 1)))
    assert rated.risk is not None
    assert (rated.risk.inherent.level, rated.risk.residual.level) == ("bad", "low")
    unknown = FULL.model_copy(update={"answers": {"high_risk": Answer.UNKNOWN}})
    assert standing_of(policy(), unknown).tier.tier is Tier.HIGH


@pytest.mark.parametrize("values", [(1, 2, 3), ("1", "2", "3", "4"), ()])
def test_an_assessment_without_all_four_figures_rates_no_risk(values: tuple[Any, ...]) -> None:
    assert standing_of(policy(), FULL.with_assessment(figures(*values))).risk is None


@given(st.sampled_from(Answer), st.booleans())
def test_a_form_of_questions_offers_unknown_only_when_that_is_an_answer(answer: Answer, unknown: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    made = question_form(policy().forms[0], policy(), questions=["high_risk", "gone"], unknown=unknown)
    assert [field.id for field in made.fields] == ["high_risk", "summary"]
    assert (answer in made.fields[0].choices) is (unknown or answer is not Answer.UNKNOWN)


def test_the_time_of_a_submission_is_no_part_of_what_is_voted_on() -> None:
    late = start("scorer", at=start("scorer").act.at + timedelta(days=1)).act
    assert voted(FULL.with_answers(late)) == voted(FULL.with_answers(start("scorer").act))
