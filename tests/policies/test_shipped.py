"""What the shipped policy decides: every rule has its case, and every case its way."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.people_file import read_people
from aims.classification import Answer, Answers, RiskClass, classify
from aims.completeness import GOVERNED
from aims.dossier import DEPLOYMENT, RETIREMENT, USE
from aims.forms import FormPurpose
from aims.policy.evaluation import approval_for, cadence_for, deadline_named, forms_for, tier_of
from aims.systems import TIER_ORDER, Tier
from tests.policies.shipped import FOLDER, shipped

SUBJECTS = (USE, DEPLOYMENT, RETIREMENT)
QUESTIONS = [question.id for question in shipped().questionnaire.questions]
SCORES = [None, *range(1, 26)]


def answered(**given: Answer) -> Answers:
    """Return answers with no for every question that is not given."""
    return {**dict.fromkeys(QUESTIONS, Answer.NO), **given}


def class_of(**given: Answer) -> RiskClass:
    """Return the class of these answers."""
    return classify(shipped().questionnaire, answered(**given)).risk_class


@pytest.mark.feature(6)
@pytest.mark.clause("AIA-5", "AIA-6", "AIA-50")
@pytest.mark.parametrize("question", shipped().questionnaire.questions, ids=lambda question: question.id)
def test_every_question_can_set_the_class_by_itself(question: Any) -> None:
    assert class_of(**{question.id: Answer.YES}) is question.risk_class
    assert class_of(**{question.id: Answer.UNKNOWN}) is question.risk_class
    assert class_of() is RiskClass.MINIMAL


@pytest.mark.peer_fault("T6")
def test_a_tool_for_hiring_that_scores_people_socially_is_prohibited_and_keeps_every_finding() -> None:
    yes = dict.fromkeys(("employment", "social_scoring", "face_scraping", "talks_to_people"), Answer.YES)
    result = classify(shipped().questionnaire, answered(**yes))
    assert result.risk_class is RiskClass.PROHIBITED
    articles = [one.article for one in result.findings]
    assert articles == ["AIA-5(1)(c)", "AIA-5(1)(e)", "AIA-III.4", "AIA-50(1)"]


@pytest.mark.peer_fault("T6")
def test_every_prohibited_practice_is_asked_for() -> None:
    asked = {one.article for one in shipped().questionnaire.questions if one.risk_class is RiskClass.PROHIBITED}
    assert asked >= {f"AIA-5(1)({letter})" for letter in "abcdefgh"}


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(Answer)), st.sampled_from(QUESTIONS))
def test_not_knowing_never_lowers_the_tier(given_answers: dict[str, Answer], name: str) -> None:
    tiers = [
        tier_of(shipped(), class_of(**{**given_answers, name: answer})).tier
        for answer in (Answer.NO, Answer.UNKNOWN, Answer.YES)
    ]
    assert [TIER_ORDER.index(tier) for tier in tiers] == sorted(TIER_ORDER.index(tier) for tier in tiers)
    assert tiers[1] is tiers[2]


@pytest.mark.feature(17)
def test_every_tier_rule_can_hold_and_every_tier_can_be_reached() -> None:
    verdicts = [tier_of(shipped(), risk_class, score=score) for risk_class, score in product(RiskClass, SCORES)]
    assert {rule for verdict in verdicts for rule in verdict.rules} == {rule.id for rule in shipped().tier_rules}
    assert {verdict.tier for verdict in verdicts} == set(Tier)


@pytest.mark.feature(17)
def test_every_approval_form_and_cadence_is_used_by_some_tier() -> None:
    used = {approval_for(shipped(), subject, tier=tier).id for subject in SUBJECTS for tier in GOVERNED}
    used |= {cadence_for(shipped(), tier).id for tier in GOVERNED}
    used |= {form.id for tier in Tier for purpose in FormPurpose for form in forms_for(shipped(), purpose, tier=tier)}
    policy = shipped()
    rules: list[Any] = [*policy.approvals, *policy.cadences, *policy.forms]
    assert used == {rule.id for rule in rules}


def test_every_deadline_and_risk_level_is_used() -> None:
    policy = shipped()
    named = {form.deadline for form in policy.forms} | {rule.deadline for rule in policy.approvals}
    assert named == {one.id for one in policy.deadlines}
    most = policy.risk_method.scale**2
    assert all(level.from_score <= most for level in policy.risk_method.levels)


@pytest.mark.feature(17)
@pytest.mark.parametrize(("lower", "higher"), [(Tier.MINIMAL, Tier.LIMITED), (Tier.LIMITED, Tier.HIGH)])
def test_a_higher_tier_never_has_fewer_forms_fewer_votes_or_rarer_reviews(lower: Tier, higher: Tier) -> None:
    policy = shipped()
    for purpose in FormPurpose:
        assert set(_ids(forms_for(policy, purpose, tier=lower))) <= set(_ids(forms_for(policy, purpose, tier=higher)))
    for subject in SUBJECTS:
        few, many = (approval_for(policy, subject, tier=tier) for tier in (lower, higher))
        assert _seats(few) <= _seats(many)
    assert cadence_for(policy, lower).every >= cadence_for(policy, higher).every


@pytest.mark.feature(52)
def test_only_the_lowest_tier_is_approved_by_policy_and_its_end_never() -> None:
    automatic = [(rule.subject, rule.tiers) for rule in shipped().approvals if rule.automatic]
    assert automatic == [(USE, [Tier.MINIMAL]), (DEPLOYMENT, [Tier.MINIMAL])]


@pytest.mark.parametrize("rule", shipped().approvals, ids=lambda rule: rule.id)
def test_who_rejects_or_sends_back_always_gives_a_reason(rule: Any) -> None:
    assert {"reject", "request_changes"} <= set(rule.reasons_for)
    assert deadline_named(shipped(), rule.deadline).expire_after >= timedelta(days=7)


def test_every_rule_has_an_owner_that_is_a_role_and_a_rationale() -> None:
    policy = shipped()
    rules: list[Any] = [*policy.roles, *policy.deadlines, *policy.tier_rules, *policy.cadences]
    rules += [*policy.forms, *policy.approvals]
    roles = {role.id for role in policy.roles}
    assert all(rule.owner in roles and len(rule.rationale) > 10 for rule in rules)
    assert {policy.questionnaire.owner, policy.risk_method.owner} <= roles


def test_the_example_company_has_somebody_for_every_role_that_is_asked() -> None:
    people = read_people(FOLDER.parent / "examples" / "people.toml")
    held = {role for person in people for role in person.roles}
    groups = [group for rule in shipped().approvals for stage in rule.stages for group in stage.groups]
    asked = {group.role for group in groups} | {form.role for form in shipped().forms}
    assert asked <= held <= {role.id for role in shipped().roles}


def test_the_policy_can_be_carried_by_a_workflow() -> None:
    size = len(json.dumps(shipped().model_dump(mode="json")).encode())
    assert size < 100_000


def _ids(rules: list[Any]) -> list[str]:
    return [rule.id for rule in rules]


def _seats(rule: Any) -> int:
    return sum(len(stage.groups) for stage in rule.stages)
