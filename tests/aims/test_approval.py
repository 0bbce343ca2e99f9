"""One approval: who may vote, on what, when, and what the votes add up to."""

from typing import Any

import pytest
from pydantic import ValidationError

from aims.approval import ApprovalRule, ApprovalStage, Ballot, Group, GroupRule, Outcome, Panel, Verdict, Vote, panel_of
from aims.errors import (
    AimsError,
    AlreadyDecided,
    Closed,
    NotAssigned,
    ReasonMissing,
    RoleMissing,
    SeparationOfDutiesViolated,
    StaleContent,
)
from aims.people import Members
from aims.record import digest_of
from tests.builders import DIGEST, NOON

LEADS = ["ann", "ben", "cyn"]
ENDED = [outcome for outcome in Outcome if outcome is not Outcome.PENDING]


def rule(*stages: ApprovalStage, **changes: Any) -> ApprovalRule:
    """Return the rule of an approval of use."""
    given = {"tiers": ["high"], "deadline": "soon", "clause": "A.9.2", "owner": "lena", "rationale": "r", **changes}
    return ApprovalRule(id="use", subject="use", stages=list(stages), **given)


def stage(name: str, *groups: GroupRule) -> ApprovalStage:
    """Return a stage of groups."""
    return ApprovalStage(id=name, groups=list(groups))


def panel(*groups: tuple[int, list[str]], name: str = "first") -> Panel:
    """Return a panel of groups, each given as its number and its members."""
    return Panel(stage=name, groups=[Group(role="lead", members=people, needed=number) for number, people in groups])


def vote(person: str, verdict: str = "approve", **changes: Any) -> Vote:
    """Return a vote with a reason in the first stage."""
    given = {"stage": "first", "digest": DIGEST, "has_reason": True, **changes}
    return Vote(act=f"act-{person}", person=person, verdict=Verdict(verdict), at=NOON, **given)


def ballot(*opened: Panel, **changes: Any) -> Ballot:
    """Return an open ballot of two stages of which some are open."""
    two = rule(stage("first", GroupRule(role="lead")), stage("second", GroupRule(role="lead")))
    return Ballot(**{"rule": two, "digest": DIGEST, "panels": list(opened), **changes})


def refused(wrong: type[AimsError], asked: Ballot, *, some: Vote) -> None:
    """See that a vote is refused and that the ballot stays as it was."""
    before = asked.model_dump_json()
    with pytest.raises(wrong):
        asked.cast(some)
    assert asked.model_dump_json() == before


@pytest.mark.feature(42)
@pytest.mark.peer_fault("T1")
@pytest.mark.parametrize("verdict", Verdict)
def test_who_is_not_asked_cannot_decide_either_way(verdict: Verdict) -> None:
    refused(NotAssigned, ballot(panel((1, LEADS))), some=vote("eve", verdict))


@pytest.mark.feature(42)
@pytest.mark.parametrize("step", ["second", "", "zeroth"])
def test_a_vote_for_a_stage_that_is_not_open_is_refused(step: str) -> None:
    refused(NotAssigned, ballot(panel((1, LEADS))), some=vote("ann", stage=step))


def test_nobody_can_vote_before_the_first_stage_is_open() -> None:
    refused(NotAssigned, ballot(), some=vote("ann"))
    refused(NotAssigned, ballot(), some=vote("ann", stage=""))


@pytest.mark.peer_fault("T2")
@pytest.mark.parametrize("outcome", ENDED)
@pytest.mark.parametrize("person", ["ann", "eve", "rita"])
def test_a_late_decision_is_answered_with_how_it_ended(outcome: Outcome, person: str) -> None:
    over = ballot(panel((1, LEADS)), excluded=["rita"]).closed(outcome)
    refused(Closed, over, some=vote(person))
    with pytest.raises(Closed, match=outcome.replace("_", " ")):
        over.cast(vote(person))


@pytest.mark.feature(41)
@pytest.mark.peer_fault("T8")
@pytest.mark.parametrize("part", ["requester", "owner", "author"])
def test_who_took_part_cannot_decide_even_when_asked_by_mistake(part: str) -> None:
    refused(SeparationOfDutiesViolated, ballot(panel((1, [part, "ann"])), excluded=[part]), some=vote(part))


@pytest.mark.feature(43)
@pytest.mark.parametrize("second", Verdict)
def test_a_second_decision_of_the_same_person_is_refused(second: Verdict) -> None:
    once = ballot(panel((2, LEADS))).cast(vote("ann"))
    refused(AlreadyDecided, once, some=vote("ann", second))


@pytest.mark.feature(55, 56)
def test_a_vote_on_content_that_changed_is_refused() -> None:
    refused(StaleContent, ballot(panel((1, LEADS))), some=vote("ann", digest=digest_of("an older one")))


@pytest.mark.feature(45)
@pytest.mark.peer_fault("T12")
@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("wanted", [[], [Verdict.APPROVE], list(Verdict)])
def test_a_reason_is_wanted_where_the_policy_says_so(verdict: Verdict, wanted: list[Verdict]) -> None:
    asked = ballot(panel((1, LEADS)), rule=rule(stage("first", GroupRule(role="lead")), reasons_for=wanted))
    if verdict in wanted:
        refused(ReasonMissing, asked, some=vote("ann", verdict, has_reason=False))
    else:
        assert asked.cast(vote("ann", verdict, has_reason=False)).votes
    assert asked.cast(vote("ann", verdict)).votes


def test_who_rejects_gives_a_reason_unless_the_policy_says_otherwise() -> None:
    assert rule(stage("first", GroupRule(role="lead"))).reasons_for == [Verdict.REJECT, Verdict.REQUEST_CHANGES]


@pytest.mark.feature(31)
@pytest.mark.peer_fault("T11")
def test_two_of_three_is_not_unanimity_and_a_first_rejection_voids_nothing() -> None:
    asked = ballot(panel((2, LEADS)), rule=rule(stage("first", GroupRule(role="lead", rule="at_least", at_least=2))))
    against = asked.cast(vote("ann", "reject"))
    assert against.outcome is Outcome.PENDING
    assert against.pending() == ["ben", "cyn"]
    assert against.cast(vote("ben")).cast(vote("cyn")).outcome is Outcome.APPROVED
    assert against.cast(vote("ben", "reject")).outcome is Outcome.REJECTED


@pytest.mark.feature(30)
@pytest.mark.parametrize(("kind", "needed"), [("any", 1), ("all", 3), ("at_least", 2)])
def test_a_group_owes_any_all_or_a_number(kind: str, needed: int) -> None:
    number = {"at_least": 2} if kind == "at_least" else {}
    asked = stage("first", GroupRule.model_validate({"role": "lead", "rule": kind, **number}))
    resolved = panel_of(asked, [Members(role="lead", people=LEADS)], excluded=[], escalated=False)
    assert resolved.groups == [Group(role="lead", members=LEADS, needed=needed)]


def test_abstaining_is_no_approval() -> None:
    asked = ballot(panel((1, ["ann", "ben"]))).cast(vote("ann", "abstain"))
    assert asked.outcome is Outcome.PENDING
    assert asked.cast(vote("ben", "abstain")).outcome is Outcome.REJECTED


@pytest.mark.feature(29)
def test_groups_vote_in_parallel_and_one_person_counts_for_one_of_them() -> None:
    last = rule(stage("first", GroupRule(role="lead"), GroupRule(role="lead")))
    asked = ballot(panel((1, ["ann", "ben"]), (1, ["ann"])), rule=last).cast(vote("ann"))
    assert asked.outcome is Outcome.PENDING
    assert asked.cast(vote("ben")).outcome is Outcome.APPROVED


@pytest.mark.feature(28)
def test_stages_follow_each_other_and_the_last_one_decides() -> None:
    first = ballot(panel((1, LEADS)))
    assert not first.stage_passed()
    passed = first.cast(vote("ann"))
    assert (passed.outcome, passed.stage_passed()) == (Outcome.PENDING, True)
    assert passed.next_stage() == passed.rule.stages[1]
    second = passed.with_panel(panel((1, LEADS), name="second"))
    assert not second.stage_passed()
    done = second.cast(vote("ann", stage="second"))
    assert (done.outcome, done.next_stage(), done.pending()) == (Outcome.APPROVED, None, [])


def test_one_request_for_changes_sends_the_case_back() -> None:
    asked = ballot(panel((2, LEADS))).cast(vote("ann"))
    assert asked.cast(vote("ben", "request_changes")).outcome is Outcome.CHANGES_REQUESTED


@pytest.mark.feature(49)
def test_escalation_widens_the_open_stage_and_keeps_its_votes() -> None:
    asked = ballot(panel((2, ["ann", "ben"]))).cast(vote("ann"))
    wider = asked.with_panel(panel((2, LEADS)))
    assert [one.stage for one in wider.panels] == ["first"]
    assert wider.pending() == ["ben", "cyn"]
    assert wider.cast(vote("cyn")).stage_passed()


@pytest.mark.feature(42)
@pytest.mark.parametrize(("roles", "may"), [(["lead"], True), (["boss"], True), (["operator"], False), ([], False)])
def test_the_role_for_which_a_person_is_asked_must_still_be_held(roles: list[str], may: bool) -> None:  # noqa: FBT001 - a column of the table
    groups = [
        Group(role="lead", escalated_to="boss", members=["ann"], needed=1),
        Group(role="operator", members=["ben"], needed=1),
    ]
    booth = ballot(Panel(stage="first", groups=groups)).booth()
    if may:
        booth.check_roles("ann", roles)
    else:
        with pytest.raises(RoleMissing):
            booth.check_roles("ann", roles)


WRONG_RULES: dict[str, dict[str, Any]] = {
    "neither automatic nor staged": {"stages": []},
    "both": {"automatic": True},
    "with a stage twice": {"stages": [stage("first", GroupRule(role="lead"))] * 2},
    "for no tier": {"tiers": []},
    "with a stage of nobody": {"stages": [{"id": "first", "groups": []}]},
    "with a number that is not given": {"stages": [{"id": "s", "groups": [{"role": "lead", "rule": "at_least"}]}]},
    "with a number that is not asked for": {"stages": [{"id": "s", "groups": [{"role": "lead", "at_least": 2}]}]},
    "of at least nobody": {"stages": [{"id": "s", "groups": [{"role": "lead", "rule": "at_least", "at_least": 0}]}]},
}


@pytest.mark.parametrize("wrong", WRONG_RULES)
def test_a_rule_is_refused_that_is(wrong: str) -> None:
    body = rule(stage("first", GroupRule(role="lead"))).model_dump() | WRONG_RULES[wrong]
    with pytest.raises(ValidationError):
        ApprovalRule.model_validate(body)


def test_a_rule_comes_back_from_json_as_it_was() -> None:
    kept = rule(stage("first", GroupRule(role="lead"), GroupRule(role="lead", rule="at_least", at_least=1)))
    assert ApprovalRule.model_validate_json(kept.model_dump_json()) == kept
