"""What is shown of a case: the same rules at the entrance as in the process, and ids instead of people."""

from datetime import timedelta

import pytest

from aims.approval import Ballot, Group, Outcome, Panel, Verdict, Vote
from aims.assignment import Assigned, AssignmentOutcome
from aims.casefile import CaseIdentity, CaseView, LifeView, approval_view, assignment_view, case_details, life_details
from aims.errors import Invalid
from aims.systems import Stage, Tier
from tests.builders import DIGEST, NOON, PEOPLE, case_view, policy

DUE = NOON + timedelta(days=7)
IDENTITY = CaseIdentity(
    id="approval:use:scorer:1", process="approval", subject="use", system="scorer", policy_digest=DIGEST
)
OWED = IDENTITY.model_copy(
    update={"id": "assignment:f:scorer:1", "process": "assignment", "subject": "risk-assessment"}
)
VOTE = Vote(act="a", stage="first", person="lena", verdict=Verdict.ABSTAIN, digest=DIGEST, at=NOON)
PANEL = Panel(stage="first", groups=[Group(role="lead", members=["lena", "leo"], needed=1)])
BALLOT = Ballot(rule=policy().approvals[0], digest=DIGEST, excluded=["rita"], panels=[PANEL]).cast(VOTE)


def seen(ballot: Ballot) -> CaseView:
    """Return how a ballot is shown."""
    return approval_view(IDENTITY, ballot, opened_at=NOON, due_at=DUE)


def test_an_open_approval_shows_who_still_owes_a_vote() -> None:
    view = seen(BALLOT)
    assert (view.open, view.step, view.pending, view.people) == (True, "first", ["leo"], ["lena", "leo"])
    assert view.waiting_for == ["lead"]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PENDING])
def test_a_closed_approval_waits_for_nobody_and_keeps_its_votes(outcome: Outcome) -> None:
    view = seen(BALLOT.closed(outcome))
    assert (view.open, view.outcome, view.pending, view.waiting_for) == (False, outcome, [], [])
    assert (view.people, view.votes) == (["lena", "leo"], [VOTE])


def test_an_approval_that_has_not_opened_a_stage_asks_nobody() -> None:
    view = seen(Ballot(rule=policy().approvals[0], digest=DIGEST))
    assert (view.step, view.pending, view.people, view.waiting_for) == ("", [], [], [])
    assert view.booth().panel.members() == []


@pytest.mark.feature(42)
@pytest.mark.parametrize("ballot", [BALLOT, BALLOT.closed(Outcome.EXPIRED)])
def test_an_entrance_decides_on_a_vote_by_the_same_values_as_the_process(ballot: Ballot) -> None:
    read = CaseView.model_validate_json(seen(ballot).model_dump_json())
    assert read.booth() == ballot.booth()


@pytest.mark.parametrize("outcome", AssignmentOutcome)
def test_an_assignment_is_pending_only_while_it_is_open(outcome: AssignmentOutcome) -> None:
    assigned = Assigned(form=policy().forms[0], people=["ada"], outcome=outcome)
    view = assignment_view(OWED, assigned, digest=DIGEST, opened_at=NOON, due_at=DUE)
    is_open = outcome is AssignmentOutcome.OPEN
    assert (view.open, bool(view.pending), bool(view.waiting_for)) == (is_open, is_open, is_open)
    assert (view.people, view.step) == (["ada"], "risk-assessment")


def test_an_assignment_takes_no_vote() -> None:
    with pytest.raises(Invalid, match="submit its form"):
        case_view("assignment:f:scorer:1", "scorer", process="assignment").booth()


def test_an_administrator_reads_where_a_life_stands() -> None:
    view = LifeView(
        system="scorer",
        stage=Stage.RISK_ASSESSMENT,
        tier=Tier.HIGH,
        policy_digest=DIGEST,
        open_case="assignment:f:scorer:1",
    )
    text = life_details(view)
    assert "risk assessment (Plan)" in text
    assert "`assignment:f:scorer:1`" in text
    assert "cannot be made here" in text


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_can_be_read(stage: Stage) -> None:
    text = life_details(LifeView(system="scorer", stage=stage, policy_digest=DIGEST, next_review_at=NOON))
    assert stage.replace("_", " ") in text
    assert "2026-03-02" in text


def test_an_administrator_reads_ids_and_no_person_beyond_them() -> None:
    text = case_details(seen(BALLOT))
    assert "`lena`: abstain" in text
    assert "waiting for lead (1 asked)" in text
    personal = [part for one in PEOPLE for part in (one.name, one.email)]
    assert not [part for part in personal if part in text]
    assert "leo" not in text


def test_what_is_owed_in_a_form_stays_out_of_the_text_for_administrators() -> None:
    form = policy().forms[0].model_copy(update={"title": "Secret <b>title</b>", "rationale": "Secret reason"})
    view = case_view("assignment:f:scorer:1", "scorer", process="assignment", subject="risk-assessment", form=form)
    assert "Secret" not in case_details(view)
