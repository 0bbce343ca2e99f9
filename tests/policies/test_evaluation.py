"""Policy and facts to verdicts, each with the rules that gave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.classification import RiskClass
from aims.dossier import DEPLOYMENT, RETIREMENT, USE
from aims.errors import NoMatchingRule
from aims.forms import FormPurpose
from aims.policy.evaluation import approval_for, cadence_for, deadline_named, form_named, forms_for, tier_of
from aims.systems import TIER_ORDER, Tier
from tests.builders import policy
from tests.policies.shipped import shipped

CLASSES = st.sampled_from(RiskClass)
SCORES = st.none() | st.integers(1, 25)


@pytest.mark.feature(17)
@given(CLASSES, SCORES, st.integers(1, 25))
def test_a_higher_score_never_lowers_the_tier(risk_class: RiskClass, score: int | None, more: int) -> None:
    before = tier_of(shipped(), risk_class, score=score).tier
    after = tier_of(shipped(), risk_class, score=max(score or 0, more)).tier
    assert TIER_ORDER.index(after) >= TIER_ORDER.index(before)


@given(CLASSES, SCORES, st.permutations(shipped().tier_rules))
def test_the_order_of_tier_rules_never_matters(risk_class: RiskClass, score: int | None, rules: list) -> None:  # type: ignore[type-arg]  # drawn rules
    turned = shipped().model_copy(update={"tier_rules": rules})
    here, there = tier_of(shipped(), risk_class, score=score), tier_of(turned, risk_class, score=score)
    assert (here.tier, sorted(here.rules)) == (there.tier, sorted(there.rules))


def test_a_verdict_names_every_rule_that_gave_it_and_no_milder_one() -> None:
    assert tier_of(shipped(), RiskClass.HIGH, score=25).rules == ["tier-high-by-class", "tier-high-by-score"]
    assert tier_of(shipped(), RiskClass.MINIMAL, score=25).rules == ["tier-high-by-score"]
    assert tier_of(shipped(), RiskClass.MINIMAL, score=14).rules == ["tier-minimal"]


def test_nothing_lifts_a_prohibition() -> None:
    assert tier_of(shipped(), RiskClass.PROHIBITED, score=1).tier is Tier.PROHIBITED


def test_what_no_rule_covers_is_an_error_that_names_the_file() -> None:
    empty = policy().model_copy(update={"tier_rules": [], "approvals": [], "cadences": [], "forms": []})
    with pytest.raises(NoMatchingRule, match=r"tiers\.toml has no rule for class 'high'"):
        tier_of(empty, RiskClass.HIGH)
    with pytest.raises(NoMatchingRule, match=r"approval-matrix\.toml has no approval of 'use' for tier 'high'"):
        approval_for(empty, USE, tier=Tier.HIGH)
    with pytest.raises(NoMatchingRule, match=r"tiers\.toml has no review cadence for tier 'high'"):
        cadence_for(empty, Tier.HIGH)
    with pytest.raises(NoMatchingRule, match=r"assessments\.toml has no form 'gone'"):
        form_named(empty, "gone")


@pytest.mark.parametrize("subject", [USE, DEPLOYMENT, RETIREMENT])
@pytest.mark.parametrize("tier", [Tier.MINIMAL, Tier.LIMITED, Tier.HIGH])
def test_the_approval_of_a_tier_is_about_its_subject(subject: str, tier: Tier) -> None:
    found = approval_for(shipped(), subject, tier=tier)
    assert (found.subject, tier in found.tiers) == (subject, True)


@pytest.mark.parametrize("purpose", FormPurpose)
@pytest.mark.parametrize("tier", Tier)
def test_the_forms_of_a_tier_are_due_in_file_order(purpose: FormPurpose, tier: Tier) -> None:
    found = forms_for(shipped(), purpose, tier=tier)
    assert found == [form for form in shipped().forms if form in found]
    assert all(form.purpose is purpose and tier in form.tiers for form in found)
    rest = [form for form in shipped().forms if form not in found]
    assert not [form for form in rest if form.purpose is purpose and tier in form.tiers]


def test_forms_and_deadlines_are_found_by_name() -> None:
    assert [form_named(shipped(), form.id) for form in shipped().forms] == shipped().forms
    assert [deadline_named(shipped(), one.id) for one in shipped().deadlines] == shipped().deadlines
