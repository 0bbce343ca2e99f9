"""What holds for every panel and every set of votes, against an oracle that tries all seatings."""

from collections.abc import Iterable, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aims.approval import (
    ApprovalRule,
    ApprovalStage,
    Ballot,
    Group,
    GroupRule,
    Outcome,
    Panel,
    Verdict,
    Vote,
    panel_of,
    roles_of,
    tally,
)
from aims.errors import AimsError, Closed
from aims.people import Members
from tests.builders import DIGEST, NOON

PEOPLE = ["ann", "ben", "cyn", "dan", "eva"]
ROLES = ["lead", "operator", "boss"]
SOME = st.lists(st.sampled_from(PEOPLE), unique=True)
GROUPS = st.builds(Group, role=st.just("lead"), members=SOME, needed=st.integers(1, 2))
PANELS = st.lists(GROUPS, min_size=1, max_size=3).map(lambda groups: Panel(stage="first", groups=groups))
STANDING = [Verdict.APPROVE, Verdict.REJECT, Verdict.ABSTAIN]
GROUP_RULES = st.sampled_from(["any", "all", "at_least"]).flatmap(
    lambda rule: st.builds(
        GroupRule,
        role=st.sampled_from(ROLES),
        rule=st.just(rule),
        at_least=st.integers(1, 4) if rule == "at_least" else st.just(1),
        escalate_to=st.none() | st.sampled_from(ROLES),
    )
)
STAGES = st.builds(ApprovalStage, id=st.just("first"), groups=st.lists(GROUP_RULES, min_size=1, max_size=3))
HOLDERS = st.fixed_dictionaries(dict.fromkeys(ROLES, SOME)).map(
    lambda held: [Members(role=role, people=people) for role, people in held.items()]
)


@st.composite
def votes(draw: st.DrawFn, verdicts: Sequence[Verdict] = tuple(Verdict)) -> list[Vote]:
    """Draw at most one vote of each person, in any order."""
    cast = draw(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(verdicts)))
    return draw(st.permutations([vote(person, verdict) for person, verdict in cast.items()]))


def vote(person: str, verdict: Verdict) -> Vote:
    """Return a vote with a reason."""
    return Vote(act=person, stage="first", person=person, verdict=verdict, digest=DIGEST, at=NOON, has_reason=True)


def seated(panel: Panel, people: Iterable[str]) -> bool:
    """Try every way to let each person count for one group at most; say whether one fills every group."""
    chairs: list[list[int | None]] = [
        [None, *(number for number, group in enumerate(panel.groups) if person in group.members)] for person in people
    ]
    wanted = [group.needed for group in panel.groups]
    return any(
        all(seating.count(number) >= needed for number, needed in enumerate(wanted)) for seating in product(*chairs)
    )


def opened(panel: Panel) -> Ballot:
    """Return a ballot of one stage, open with this panel."""
    stage = ApprovalStage(id="first", groups=[GroupRule(role="lead")])
    rule = ApprovalRule(
        id="use", subject="use", tiers=["high"], stages=[stage], deadline="d", clause="8.1", owner="o", rationale="r"
    )
    return Ballot(rule=rule, digest=DIGEST, panels=[panel])


def ended(ballot: Ballot, cast: Sequence[Vote]) -> Ballot:
    """Return the ballot after everybody tried to vote in this order."""
    for one in cast:
        try:
            ballot = ballot.cast(one)
        except AimsError:
            continue
    return ballot


@pytest.mark.feature(29, 31)
@pytest.mark.clause("A.9.2")
@settings(max_examples=500)
@given(PANELS, votes(STANDING))
def test_a_stage_is_approved_only_when_distinct_people_fill_every_group(panel: Panel, cast: list[Vote]) -> None:
    approving = [one.person for one in cast if one.verdict is Verdict.APPROVE]
    against = [one.person for one in cast if one.verdict is not Verdict.APPROVE]
    could = [person for person in panel.members() if person not in against]
    expected = Outcome.REJECTED if against and not seated(panel, could) else Outcome.PENDING
    assert tally(panel, cast) is (Outcome.APPROVED if seated(panel, approving) else expected)


@pytest.mark.feature(35)
@given(PANELS, votes())
def test_one_request_for_changes_is_enough_to_send_the_case_back(panel: Panel, cast: list[Vote]) -> None:
    asked = Verdict.REQUEST_CHANGES in [one.verdict for one in cast]
    assert (tally(panel, cast) is Outcome.CHANGES_REQUESTED) is asked


@pytest.mark.feature(43)
@given(PANELS, votes(STANDING), st.data())
def test_the_order_of_simultaneous_votes_never_changes_the_outcome(
    panel: Panel, cast: list[Vote], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(cast))
    assert tally(panel, cast) is tally(panel, other)
    assert ended(opened(panel), cast).outcome is ended(opened(panel), other).outcome


@pytest.mark.peer_fault("T2")
@given(PANELS, votes(), st.sampled_from(PEOPLE), st.sampled_from(Verdict))
def test_a_closed_ballot_never_changes(panel: Panel, cast: list[Vote], person: str, verdict: Verdict) -> None:
    over = ended(opened(panel), cast)
    if over.outcome is Outcome.PENDING:
        over = over.closed(Outcome.EXPIRED)
    before = over.model_dump_json()
    with pytest.raises(Closed):
        over.cast(vote(person, verdict))
    assert over.model_dump_json() == before
    assert over.pending() == []


@given(PANELS, votes())
def test_who_voted_owes_nothing_more(panel: Panel, cast: list[Vote]) -> None:
    ballot = ended(opened(panel), cast)
    voted = {one.person for one in ballot.votes}
    if ballot.outcome is Outcome.PENDING:
        assert ballot.pending() == [person for person in panel.members() if person not in voted]
    assert voted <= set(panel.members())


@pytest.mark.feature(41)
@pytest.mark.peer_fault("T8")
@given(STAGES, HOLDERS, SOME, st.booleans())
def test_who_took_part_is_never_asked_even_through_escalation(
    stage: ApprovalStage,
    holders: list[Members],
    excluded: list[str],
    escalated: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    panel = panel_of(stage, holders, excluded=excluded, escalated=escalated)
    assert not set(panel.members()) & set(excluded)
    entitled = {person for held in holders if held.role in roles_of(stage) for person in held.people}
    assert set(panel.members()) <= entitled


@given(STAGES, HOLDERS, SOME)
def test_escalation_adds_people_and_never_lowers_a_number(
    stage: ApprovalStage, holders: list[Members], excluded: list[str]
) -> None:
    plain = panel_of(stage, holders, excluded=excluded, escalated=False)
    wider = panel_of(stage, holders, excluded=excluded, escalated=True)
    assert set(plain.members()) <= set(wider.members())
    assert [group.needed for group in plain.groups] == [group.needed for group in wider.groups]


@given(STAGES, HOLDERS, SOME)
def test_excluding_people_never_lets_a_group_pass_without_a_vote(
    stage: ApprovalStage, holders: list[Members], excluded: list[str]
) -> None:
    panel = panel_of(stage, holders, excluded=excluded, escalated=True)
    fixed = [rule.at_least for rule in stage.groups if rule.rule == "at_least"]
    assert all(group.needed >= 1 for group in panel.groups)
    numbers = [group.needed for rule, group in zip(stage.groups, panel.groups, strict=True) if rule.rule == "at_least"]
    assert numbers == fixed
    assert tally(panel, []) is Outcome.PENDING


@given(STAGES, HOLDERS, SOME)
def test_the_escalation_role_joins_at_once_where_too_few_are_left(
    stage: ApprovalStage, holders: list[Members], excluded: list[str]
) -> None:
    panel = panel_of(stage, holders, excluded=excluded, escalated=False)
    for rule, group in zip(stage.groups, panel.groups, strict=True):
        own = {person for held in holders if held.role == rule.role for person in held.people} - set(excluded)
        short = rule.escalate_to is not None and len(own) < group.needed
        assert group.escalated_to == (rule.escalate_to if short else None)
