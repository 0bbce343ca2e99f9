"""A policy is one consistent value with one digest."""

from typing import Any

import pytest
from pydantic import ValidationError

from aims.policy.model import Policy, TierRule
from tests.builders import policy
from tests.policies.shipped import shipped


def refused(**parts: Any) -> str:
    """Return why the policy is refused with some parts replaced."""
    body = policy().model_dump(mode="json") | parts
    with pytest.raises(ValidationError) as broken:
        Policy.model_validate(body)
    return str(broken.value)


def dumped(part: str) -> list[dict[str, Any]]:
    """Return the rules of one part as they stand in a file."""
    return list(policy().model_dump(mode="json")[part])


def test_a_role_that_does_not_exist_is_named_with_those_that_do() -> None:
    (form, *others) = dumped("forms")
    found = refused(forms=[{**form, "role": "wizard"}, *others])
    assert "assessments.toml, form 'risk-assessment': role 'wizard' does not exist" in found
    assert "name one of assessor, executive, lead, operator" in found


@pytest.mark.parametrize("key", ["role", "escalate_to"])
def test_an_approver_role_that_does_not_exist_is_named_with_its_stage(key: str) -> None:
    (rule, *others) = dumped("approvals")
    rule["stages"][0]["groups"][0][key] = "wizard"
    assert "approval 'use', stage 'first': role 'wizard'" in refused(approvals=[rule, *others])


@pytest.mark.parametrize("part", ["forms", "approvals"])
def test_a_deadline_that_does_not_exist_is_named_with_its_rule(part: str) -> None:
    (rule, *others) = dumped(part)
    found = refused(**{part: [{**rule, "deadline": "never"}, *others]})
    assert f"'{rule['id']}': deadline 'never' does not exist; add it or name one of soon" in found


@pytest.mark.parametrize("part", ["roles", "deadlines", "tier_rules", "cadences", "forms", "approvals"])
def test_an_id_that_stands_twice_is_named(part: str) -> None:
    rules = dumped(part)
    assert f"id '{rules[0]['id']}' stands twice" in refused(**{part: [*rules, rules[0]]})


def test_a_question_that_stands_twice_is_named() -> None:
    asked = policy().questionnaire.model_dump(mode="json")
    found = refused(questionnaire={**asked, "questions": asked["questions"] * 2})
    assert "questionnaire.toml: id 'high_risk' stands twice" in found


def test_all_problems_are_named_at_once() -> None:
    found = refused(roles=[], deadlines=[])
    assert "role 'lead'" in found
    assert "deadline 'soon'" in found


def test_a_tier_rule_that_could_never_hold_is_refused() -> None:
    with pytest.raises(ValidationError, match="never holds"):
        TierRule(id="idle", tier="high", clause="6.1.2", owner="lena", rationale="r")


def test_a_policy_comes_back_from_json_as_it_was() -> None:
    back = Policy.model_validate_json(shipped().model_dump_json())
    assert (back, back.digest()) == (shipped(), shipped().digest())
