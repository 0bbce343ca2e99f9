"""A policy under which some case would get stuck is found before it is used."""

from collections.abc import Callable
from typing import Any

import pytest

from aims.completeness import GOVERNED, gaps, unknown_clauses
from aims.dossier import DEPLOYMENT, RETIREMENT, USE
from aims.policy.model import Policy
from tests.policies.shipped import shipped

RULES = ("roles", "deadlines", "tier_rules", "cadences", "forms", "approvals")


def changed(**parts: Any) -> Policy:
    """Return the shipped policy with some parts replaced, unchecked."""
    return shipped().model_copy(update=parts)


def without(part: str, leaves: Callable[[Any], bool]) -> list[str]:
    """Return the gaps of the shipped policy without some of its rules."""
    return list(gaps(changed(**{part: [one for one in getattr(shipped(), part) if not leaves(one)]})))


def test_the_shipped_policy_leaves_no_case_stuck() -> None:
    assert list(gaps(shipped())) == []
    assert list(unknown_clauses(shipped())) == []


@pytest.mark.parametrize("rule", [rule for rule in shipped().tier_rules if rule.classes], ids=lambda rule: rule.id)
def test_a_class_without_a_tier_is_found(rule: Any) -> None:
    assert [rule.classes[0] in gap for gap in without("tier_rules", lambda one: one.id == rule.id)] == [True]


@pytest.mark.parametrize("tier", GOVERNED)
@pytest.mark.parametrize("subject", [USE, DEPLOYMENT, RETIREMENT])
def test_an_approval_that_a_tier_lacks_is_found(tier: str, subject: str) -> None:
    found = without("approvals", lambda one: one.subject == subject and tier in one.tiers)
    assert f"approval-matrix.toml has no approval of '{subject}' for tier '{tier}'. Add one." in found


@pytest.mark.parametrize("tier", GOVERNED)
def test_a_tier_that_is_never_reviewed_is_found(tier: str) -> None:
    found = without("cadences", lambda one: tier in one.tiers)
    assert f"tiers.toml has no review cadence for tier '{tier}'. Add one." in found


@pytest.mark.parametrize("purpose", ["clarification", "revision", "review"])
def test_a_form_that_every_tier_needs_is_missed(purpose: str) -> None:
    found = without("forms", lambda one: one.purpose == purpose)
    assert [f"'{purpose}' for tier '{tier}'" in gap for gap, tier in zip(found, GOVERNED, strict=True)] == [True] * 3


def reviewed(**field: Any) -> list[str]:
    """Return the gaps when the conclusion of the review is asked for otherwise."""
    forms = []
    for form in shipped().forms:
        fields = [one.model_copy(update=field) if one.id == "conclusion" else one for one in form.fields]
        forms.append(form.model_copy(update={"fields": fields}))
    return list(gaps(changed(forms=forms)))


@pytest.mark.parametrize(
    "field", [{"id": "outcome"}, {"kind": "text"}, {"choices": ["continue", "celebrate"]}, {"choices": ["missed"]}]
)
def test_a_review_that_could_conclude_nothing_is_found(field: dict[str, Any]) -> None:
    (found,) = reviewed(**field)
    assert found.startswith("assessments.toml, form 'periodic-review' needs a choice 'conclusion' of continue,")


def test_a_review_may_offer_fewer_conclusions() -> None:
    assert reviewed(choices=["continue", "suspend"]) == []


@pytest.mark.parametrize("wrong", [{"least": 0}, {"most": 6}, {"kind": "text"}, {"kind": "choice", "choices": ["1"]}])
@pytest.mark.parametrize("figure", ["likelihood", "impact", "residual_likelihood", "residual_impact"])
def test_a_figure_of_risk_that_could_be_off_the_scale_is_found(figure: str, wrong: dict[str, Any]) -> None:
    (form,) = [one for one in shipped().forms if one.id == "risk-assessment"]
    fields = [one.model_copy(update=wrong) if one.id == figure else one for one in form.fields]
    (found,) = gaps(changed(forms=[*shipped().forms, form.model_copy(update={"fields": fields})]))
    assert found == f"assessments.toml, form 'risk-assessment', field '{figure}' needs a number from 1 to 5."


@pytest.mark.parametrize("part", RULES)
def test_a_rule_for_no_known_clause_is_found(part: str) -> None:
    first, *others = getattr(shipped(), part)
    (found,) = unknown_clauses(changed(**{part: [first.model_copy(update={"clause": "99.9"}), *others]}))
    assert f"'{first.id}': '99.9' is neither a clause" in found


@pytest.mark.parametrize("part", ["questionnaire", "risk_method"])
def test_a_method_for_no_known_clause_is_found(part: str) -> None:
    other = getattr(shipped(), part).model_copy(update={"clause": "soon"})
    (found,) = unknown_clauses(changed(**{part: other}))
    assert "'soon' is neither a clause" in found


def test_a_question_about_no_known_article_is_found() -> None:
    asked = shipped().questionnaire
    questions = [asked.questions[0].model_copy(update={"article": "Art. 5"}), *asked.questions[1:]]
    (found,) = unknown_clauses(changed(questionnaire=asked.model_copy(update={"questions": questions})))
    assert found.startswith(f"questionnaire.toml, '{questions[0].id}': 'Art. 5' is neither")
