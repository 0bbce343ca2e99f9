"""A line that gets lost in a policy file is an error or makes the policy stricter; it never makes it laxer."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from adapters.policy_files import FILES
from aims.approval import ApprovalRule, needed_of
from aims.classification import RiskClass, classify
from aims.completeness import GOVERNED
from aims.dossier import DEPLOYMENT, RETIREMENT, USE
from aims.errors import PolicyInvalid
from aims.forms import Form
from aims.policy.evaluation import approval_for, cadence_for, form_named, tier_of
from aims.policy.model import Policy
from aims.systems import TIER_ORDER
from tests.policies.shipped import copied, shipped

SUBJECTS = (USE, DEPLOYMENT, RETIREMENT)
SIZES = range(5)


@pytest.mark.clause("6.1.2")
@pytest.mark.parametrize("name", FILES)
def test_a_lost_line_never_makes_the_policy_laxer(tmp_path: Path, name: str) -> None:
    files = copied(tmp_path)
    path = tmp_path / name
    lines = path.read_text(encoding="utf-8").splitlines()
    laxer: list[str] = []
    for number, line in enumerate(lines):
        path.write_text("\n".join([*lines[:number], *lines[number + 1 :]]), encoding="utf-8")
        try:
            policy = files.read()
        except PolicyInvalid:
            continue
        laxer += [f"{name}:{number + 1} {line}: {why}" for why in _laxities(policy)]
    assert laxer == []


def _laxities(policy: Policy) -> Iterator[str]:
    """Say in which respects a policy asks for less than the shipped one."""
    yield from _milder_classes(policy)
    yield from _milder_tiers(policy)
    for subject, tier in product(SUBJECTS, GOVERNED):
        if _fewer_votes(*(approval_for(one, subject, tier=tier) for one in (shipped(), policy))):
            yield f"{subject} of tier {tier} needs fewer votes or reasons"
    for form in shipped().forms:
        if _asks_less(form, form_named(policy, form.id)):
            yield f"form {form.id} asks for less"


def _milder_tiers(policy: Policy) -> Iterator[str]:
    for risk_class, score in product(RiskClass, (None, *range(1, 26))):
        before, after = (tier_of(one, risk_class, score=score).tier for one in (shipped(), policy))
        if TIER_ORDER.index(after) < TIER_ORDER.index(before):
            yield f"{risk_class} with score {score} falls from {before} to {after}"
    for tier in GOVERNED:
        if cadence_for(policy, tier).every > cadence_for(shipped(), tier).every:
            yield f"tier {tier} is reviewed less often"


def _milder_classes(policy: Policy) -> Iterator[str]:
    before, after = (classify(one.questionnaire, {}) for one in (shipped(), policy))
    if [(one.question, one.risk_class) for one in before.findings] != [
        (one.question, one.risk_class) for one in after.findings
    ]:
        yield "a question means something else"


def _fewer_votes(before: ApprovalRule, after: ApprovalRule) -> bool:
    if after.automatic != before.automatic or len(after.stages) < len(before.stages):
        return True
    fewer = [
        needed_of(new, size) < needed_of(old, size)
        for one, other in zip(before.stages, after.stages, strict=True)
        for old, new in zip(one.groups, other.groups, strict=True)
        for size in SIZES
    ]
    return any(fewer) or not set(before.reasons_for) <= set(after.reasons_for)


def _asks_less(before: Form, after: Form) -> bool:
    kept = {field.id: field for field in after.fields}
    return set(after.tiers) < set(before.tiers) or any(
        field.id not in kept
        or (field.required and not kept[field.id].required)
        or (kept[field.id].least, kept[field.id].most) != (field.least, field.most)
        for field in before.fields
    )
