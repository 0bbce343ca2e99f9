"""The life of a system: where each result leads, and where no walk ever leads."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.approval import Outcome
from aims.clauses import EVIDENCED
from aims.dossier import Assessment
from aims.errors import InvalidTransition
from aims.lifecycle import (
    AssessmentResult,
    DecommissioningResult,
    IntakeResult,
    LifeState,
    ReviewResult,
    after_approval,
    after_assessment,
    after_decommissioning,
    after_intake,
    after_review,
    begun,
)
from aims.systems import BEFORE_OPERATION, MOVES, Stage, Tier
from tests.builders import DIGEST, KEYS, NOON, policy, snapshot, start

Result = TypeVar("Result", bound=StrEnum)
Ways = list[tuple[Stage, str]]
YEAR = timedelta(days=365)
DECIDED = [Outcome.APPROVED, Outcome.REJECTED, Outcome.CHANGES_REQUESTED, Outcome.EXPIRED]
WITHDRAWN: Ways = [(Stage.WITHDRAWN, "withdrawn")]
WAITING: Ways = [(Stage.PERIODIC_REVIEW, "review_due"), (Stage.DECOMMISSIONING, "decommissioning_requested")]


def born() -> LifeState:
    """Return a life that has just begun."""
    act = start("scorer", facts={"owner": "otto", "unit": "loans", "high_risk": "no"}).act
    return begun(act, snapshot(), keys=KEYS, at=NOON)


def at(*stages: Stage) -> LifeState:
    """Return a life that went through these stages."""
    life = born()
    for stage in stages:
        life = life.moved(stage, "moved")
    return life


def _regular(results: type[Result]) -> list[Result]:
    """Return every result but the one that leads nowhere: a stage that was lost is begun again."""
    return [result for result in results if result != "interrupted"]


OPERATING = (Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF, Stage.IN_OPERATION)
SUSPENDED = (*OPERATING, Stage.SUSPENDED)
WAYS: dict[Stage, Callable[[LifeState], Ways]] = {
    Stage.INTAKE: lambda life: [after_intake(life, one) for one in _regular(IntakeResult)],
    Stage.RISK_ASSESSMENT: lambda _: [after_assessment(one) for one in _regular(AssessmentResult)],
    Stage.APPROVAL: lambda life: [after_approval(life, one) for one in DECIDED],
    Stage.DEPLOYMENT_SIGN_OFF: lambda life: [after_approval(life, one) for one in DECIDED],
    Stage.IN_OPERATION: lambda _: WAITING,
    Stage.SUSPENDED: lambda _: WAITING,
    Stage.PERIODIC_REVIEW: lambda _: [after_review(one) for one in _regular(ReviewResult)],
    Stage.DECOMMISSIONING: lambda life: [after_decommissioning(life, one) for one in _regular(DecommissioningResult)],
}


def walked(choices: list[int]) -> list[LifeState]:
    """Return every state of a walk in which each choice picks one result of the stage."""
    walk = [born()]
    for choice in choices:
        life = walk[-1]
        if life.ended:
            break
        ways = WAYS[life.stage](life) + (WITHDRAWN if life.stage in BEFORE_OPERATION else [])
        walk.append(life.moved(*ways[choice % len(ways)]))
    return walk


WALKS = st.lists(st.integers(0, 59), max_size=60).map(walked)


@pytest.mark.clause("5.3", "8.1")
def test_a_life_begins_with_what_the_signed_start_says() -> None:
    life = born()
    assert (life.system, life.requester, life.owner, life.unit) == ("scorer", "rita", "otto", "loans")
    assert (life.stage, life.clock, life.tier, life.next_review_at) == (Stage.INTAKE, NOON, None, None)
    assert life.dossier.answers == {"high_risk": "no"}
    assert begun(start("scorer").act, snapshot(), keys=KEYS, at=NOON).owner == "rita"


@pytest.mark.feature(59)
@given(st.sampled_from(Stage), st.sampled_from(Stage))
def test_a_life_moves_only_where_the_map_leads(origin: Stage, target: Stage) -> None:
    life = born().model_copy(update={"stage": origin})
    if target in MOVES[origin]:
        moved = life.moved(target, "why")
        assert (moved.stage, moved.came_from, moved.moves, moved.last_entry) == (target, origin, 1, "why")
    else:
        with pytest.raises(InvalidTransition):
            life.moved(target, "why")


@pytest.mark.feature(59, 60)
@pytest.mark.clause("A.6.2.5")
@given(WALKS)
def test_no_walk_reaches_operation_but_through_sign_off_or_back_from_a_review_or_a_refused_end(
    walk: list[LifeState],
) -> None:
    ways_in = [(life.came_from, number) for number, life in enumerate(walk) if life.stage is Stage.IN_OPERATION]
    assert {origin for origin, _ in ways_in} <= {
        Stage.DEPLOYMENT_SIGN_OFF,
        Stage.PERIODIC_REVIEW,
        Stage.DECOMMISSIONING,
    }
    if ways_in:
        assert ways_in[0][0] is Stage.DEPLOYMENT_SIGN_OFF
        assert Stage.APPROVAL in [life.stage for life in walk[: ways_in[0][1]]]


@pytest.mark.feature(68)
@given(WALKS)
def test_a_suspended_system_returns_only_by_a_review_or_a_new_sign_off(walk: list[LifeState]) -> None:
    suspended = False
    for life in walk:
        if life.stage is Stage.IN_OPERATION:
            assert not suspended or life.came_from in {Stage.PERIODIC_REVIEW, Stage.DEPLOYMENT_SIGN_OFF}
        suspended = life.stage is Stage.SUSPENDED or (suspended and life.stage is not Stage.IN_OPERATION)


@given(WALKS)
def test_every_life_that_waits_has_a_date_for_its_review(walk: list[LifeState]) -> None:
    for life in walk:
        if life.stage in (Stage.IN_OPERATION, Stage.SUSPENDED):
            assert life.next_review_at is not None
        elif life.stage is not Stage.DECOMMISSIONING:
            assert life.next_review_at is None
        assert life.revising is (life.stage is Stage.INTAKE and life.moves > 0)


@pytest.mark.parametrize("stage", WAYS)
def test_every_result_leads_somewhere_the_map_allows_and_is_evidence_for_something(stage: Stage) -> None:
    life = born().model_copy(update={"stage": stage})
    assert {target for target, _ in WAYS[stage](life)} <= set(MOVES[stage])
    assert {entry for _, entry in WAYS[stage](life)} <= set(EVIDENCED)


@pytest.mark.feature(17)
def test_a_tier_without_assessments_goes_straight_to_approval() -> None:
    bare = snapshot().model_copy(update={"policy": policy().model_copy(update={"forms": []})})
    light = born().model_copy(update={"snapshot": bare})
    assert after_intake(light, IntakeResult.ACCEPTED) == (Stage.APPROVAL, "intake_accepted")
    assert after_intake(born(), IntakeResult.ACCEPTED) == (Stage.RISK_ASSESSMENT, "intake_accepted")


@pytest.mark.feature(39)
@pytest.mark.peer_fault("T8")
@pytest.mark.parametrize("stage", [Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF])
def test_an_approval_that_nobody_decides_ends_the_request_as_expired(stage: Stage) -> None:
    life = born().model_copy(update={"stage": stage})
    expired, rejected = after_approval(life, Outcome.EXPIRED), after_approval(life, Outcome.REJECTED)
    assert [target for target, _ in (expired, rejected)] == [Stage.REJECTED, Stage.REJECTED]
    assert "expired" in expired[1]
    assert "rejected" in rejected[1]


@pytest.mark.feature(35)
@pytest.mark.parametrize("stage", [Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF])
def test_changes_that_are_asked_for_begin_a_new_round_with_a_revision(stage: Stage) -> None:
    life = born().model_copy(update={"stage": stage})
    back = life.moved(*after_approval(life, Outcome.CHANGES_REQUESTED))
    assert (back.stage, back.revising) == (Stage.INTAKE, True)


@pytest.mark.feature(64)
@pytest.mark.clause("9.1")
def test_a_missed_review_suspends_the_system() -> None:
    assert after_review(ReviewResult.MISSED) == (Stage.SUSPENDED, "review_missed")


@pytest.mark.feature(62)
def test_the_next_review_is_counted_from_the_clock_by_the_cadence_of_the_tier() -> None:
    life = at(Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF).at(NOON + timedelta(days=10))
    assert life.moved(Stage.IN_OPERATION, "operation_entered").next_review_at == NOON + timedelta(days=10) + YEAR


@pytest.mark.feature(69)
def test_a_refused_end_leads_back_and_keeps_the_date_of_the_review() -> None:
    asked = at(*OPERATING, Stage.DECOMMISSIONING).at(NOON + timedelta(days=99))
    back = asked.moved(*after_decommissioning(asked, DecommissioningResult.REFUSED))
    assert (back.stage, back.next_review_at) == (Stage.IN_OPERATION, NOON + YEAR)


@pytest.mark.parametrize("path", [(), (Stage.PERIODIC_REVIEW,)])
@pytest.mark.parametrize("result", [DecommissioningResult.REFUSED, DecommissioningResult.EXPIRED])
def test_a_suspended_system_is_still_suspended_when_its_end_is_refused(
    path: tuple[Stage, ...], result: DecommissioningResult
) -> None:
    asked = at(*SUSPENDED, *path, Stage.DECOMMISSIONING)
    assert after_decommissioning(asked, result)[0] is Stage.SUSPENDED
    working = at(*OPERATING, *path, Stage.DECOMMISSIONING)
    assert after_decommissioning(working, result)[0] is Stage.IN_OPERATION


@given(st.lists(st.integers(-50, 50), max_size=8))
def test_the_clock_of_a_life_never_goes_back(days: list[int]) -> None:
    life = born()
    for number in days:
        later = life.at(NOON + timedelta(days=number))
        assert later.clock >= life.clock
        life = later
    assert life.clock == NOON + timedelta(days=max([0, *days]))


def test_what_is_learned_decides_the_tier() -> None:
    assert born().learned(born().dossier).tier is Tier.LIMITED
    done = Assessment(form="risk-assessment", author="ada", digest=DIGEST)
    assert born().assessed([done]).dossier.assessments == [done]
    known = born().assessed([done]).view("assignment:f:scorer:1")
    assert (known.tier, known.risk_class, known.open_case) == (Tier.LIMITED, "minimal", "assignment:f:scorer:1")
    assert (born().view(None).tier, born().view(None).risk_class) == (None, None)


def test_rounds_of_a_process_are_counted() -> None:
    life = born().next_round("intake").next_round("intake").next_round("approval")
    assert [life.round_of(process) for process in ("intake", "approval", "review")] == [2, 1, 0]


@given(WALKS)
def test_a_life_is_carried_from_run_to_run_as_it_is(walk: list[LifeState]) -> None:
    assert LifeState.model_validate_json(walk[-1].model_dump_json()) == walk[-1]
