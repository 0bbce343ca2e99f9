"""Who is asked when a stage or an assignment opens, and what is recorded of it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.approval import Ballot
from aims.assignment import Assigned
from aims.casefile import CaseIdentity
from aims.openings import AssignmentOpening, StageOpening
from aims.people import Members
from tests.builders import DIGEST, NOON, policy

IDENTITY = CaseIdentity(
    id="approval:use:scorer:1", process="approval", subject="use", system="scorer", policy_digest=DIGEST
)
RULE = policy().approvals[0]
LEADS = [Members(role="lead", people=["lena", "leo"]), Members(role="executive", people=["eva", "rita"])]
ASSESSORS = [Members(role="assessor", people=["ada", "lena"])]
WHEN = {"at": NOON, "opened_at": NOON, "due_at": NOON + timedelta(days=3)}
IDS = st.lists(st.sampled_from(["ada", "lena", "otto", "rita"]), unique=True)


def stage(**changes: Any) -> StageOpening:
    """Return the opening of the first stage of an approval of use that Rita requested."""
    ballot = Ballot(rule=RULE, digest=DIGEST, excluded=["rita"])
    given = {"identity": IDENTITY, "ballot": ballot, "stage": RULE.stages[0], "escalated": False, **WHEN, **changes}
    return StageOpening(**given)


def assignment(**changes: Any) -> AssignmentOpening:
    """Return the opening of a risk assessment that nobody in particular owes."""
    given: dict[str, Any] = {
        "identity": IDENTITY,
        "assigned": Assigned(form=policy().forms[0]),
        "person": None,
        "excluded": [],
    }
    return AssignmentOpening(**{**given, "escalated": False, "digest": DIGEST, **WHEN, **changes})


@pytest.mark.feature(32)
def test_a_stage_asks_the_holders_of_its_role_and_records_whom() -> None:
    panel, step = stage().step(LEADS)
    (entry,) = step.entries
    assert panel.members() == ["lena", "leo"]
    assert (entry.kind, entry.content_digest, entry.policy_digest) == ("approval_requested", DIGEST, DIGEST)
    assert entry.facts["groups"][0]["members"] == ["lena", "leo"]
    assert step.case is not None
    assert (step.case.pending, step.case.due_at, step.case.escalated) == (["lena", "leo"], WHEN["due_at"], False)


@pytest.mark.feature(41, 49)
def test_an_escalated_stage_asks_more_people_but_never_the_requester() -> None:
    panel, step = stage(escalated=True).step(LEADS)
    assert panel.members() == ["lena", "leo", "eva"]
    assert step.entries[0].kind == "escalated"
    assert step.case is not None
    assert step.case.escalated


def test_opening_and_escalating_are_two_steps_and_each_is_one() -> None:
    keys = [one.step(LEADS)[1].key for one in (stage(), stage(), stage(escalated=True))]
    assert keys[0] == keys[1] != keys[2]
    owed = [one.step(ASSESSORS)[1].key for one in (assignment(), assignment(), assignment(escalated=True))]
    assert owed[0] == owed[1] != owed[2]


def test_an_assignment_asks_everybody_who_holds_its_role() -> None:
    people, step = assignment().step(ASSESSORS)
    assert people == ["ada", "lena"]
    assert step.entries[0].facts == {"form": "risk-assessment", "people": people}
    assert step.case is not None
    assert (step.case.pending, step.case.waiting_for) == (people, ["assessor"])


def test_an_assignment_to_a_person_asks_only_that_person_until_it_is_escalated() -> None:
    people, _ = assignment(person="rita").step(ASSESSORS)
    assert people == ["rita"]
    asked = Assigned(form=policy().forms[0], people=people)
    wider, step = assignment(person="rita", assigned=asked, escalated=True).step(ASSESSORS)
    assert wider == ["rita", "ada", "lena"]
    assert step.entries[0].kind == "escalated"


@pytest.mark.feature(41)
@given(IDS, IDS, st.none() | st.sampled_from(["ada", "rita"]), st.booleans())
def test_nobody_who_is_excluded_is_ever_assigned(
    holders: list[str],
    excluded: list[str],
    person: str | None,
    escalated: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    opening = assignment(person=person, excluded=excluded, escalated=escalated)
    people, step = opening.step([Members(role="assessor", people=holders)])
    assert not set(people) & set(excluded)
    assert len(people) == len(set(people))
    assert step.case is not None
    assert step.case.pending == people
