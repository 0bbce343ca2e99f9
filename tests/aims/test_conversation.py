"""Cards: what people read of a case, and the buttons that only an open one has."""

import pytest

from aims.approval import Outcome, Verdict, Vote
from aims.assignment import AssignmentOutcome
from aims.casefile import CaseView
from aims.conversation import Card, Press, approval_card, assignment_card, card_of, case_card, reminder_text
from aims.systems import Stage, Tier
from tests.builders import DIGEST, NOON, case_view, policy, profile

NAMES = {"lena": "Lena Lead", "otto": "Otto Owner"}
SYSTEM = profile("scorer", tier=Tier.HIGH, risk_class="high", findings=[f"finding {number}" for number in range(6)])
APPROVAL = case_view("approval:use:scorer:1", "scorer")
OWED = case_view(
    "assignment:f:scorer:1", "scorer", process="assignment", outcome="open", form=policy().forms[0], step="f"
)
CLOSED = [
    *(APPROVAL.model_copy(update={"open": False, "outcome": one}) for one in Outcome if one is not Outcome.PENDING),
    *(
        OWED.model_copy(update={"open": False, "outcome": one})
        for one in AssignmentOutcome
        if one is not AssignmentOutcome.OPEN
    ),
]


def texts(card: Card) -> str:
    """Return everything that people read on a card."""
    return "\n".join([card.headline, *(f"{line.label}: {line.text}" for line in card.lines), card.note])


@pytest.mark.feature(104)
def test_an_open_approval_has_a_button_for_each_answer() -> None:
    card = approval_card(SYSTEM, APPROVAL, names=NAMES)
    assert [button.press for button in card.buttons] == [Press.APPROVE, Press.REQUEST_CHANGES, Press.REJECT]
    assert card.mood == "open"
    assert "Waiting for lead." in card.note


@pytest.mark.parametrize("case", [APPROVAL, OWED])
def test_a_button_carries_where_it_belongs_and_what_was_shown(case: CaseView) -> None:
    for button in card_of(SYSTEM, case, names=NAMES).buttons:
        assert (button.case, button.step, button.digest) == (case.id, case.step, case.digest)


@pytest.mark.feature(107)
@pytest.mark.parametrize("case", CLOSED, ids=lambda case: f"{case.process} {case.outcome}")
def test_a_closed_case_has_no_buttons_and_says_how_it_ended(case: CaseView) -> None:
    card = card_of(SYSTEM, case, names=NAMES)
    assert card.buttons == []
    assert card.note == f"Closed: {case.outcome.replace('_', ' ')}."
    assert card.mood == ("good" if case.outcome in {"approved", "submitted"} else "bad")


def test_an_approval_shows_system_tier_findings_deadline_and_content() -> None:
    text = texts(approval_card(SYSTEM, APPROVAL, names=NAMES))
    assert "System: The scorer (scorer)" in text
    assert "Purpose: Scores loans" in text
    assert "Tier: high (class: high)" in text
    assert "Main findings: finding 0, finding 1, finding 2, finding 3\n" in text
    assert "Decide by: 09 Mar 2026 12:00 UTC" in text
    assert f"Content: {DIGEST[7:19]}" in text


@pytest.mark.parametrize("verdict", Verdict)
def test_every_vote_is_shown_with_the_name_of_who_cast_it(verdict: Verdict) -> None:
    cast = Vote(act="a", stage="first", person="lena", verdict=verdict, digest=DIGEST, at=NOON)
    card = approval_card(SYSTEM, APPROVAL.model_copy(update={"votes": [cast]}), names=NAMES)
    said = {"approve": "approved", "reject": "rejected", "request_changes": "asked for changes", "abstain": "abstained"}
    assert f"first: Lena Lead {said[verdict]}" in texts(card)


def test_a_person_without_a_name_is_shown_by_id() -> None:
    done = OWED.model_copy(update={"open": False, "outcome": "submitted", "author": "ada"})
    assert "Submitted by: ada" in texts(assignment_card(SYSTEM, done, names=NAMES))


def test_an_open_assignment_leads_to_its_form() -> None:
    card = assignment_card(SYSTEM, OWED, names=NAMES)
    assert [button.press for button in card.buttons] == [Press.OPEN_FORM]
    assert card.headline == "risk-assessment: The scorer"
    assert "Due: 09 Mar 2026 12:00 UTC" in texts(card)


def test_the_thread_of_a_case_shows_where_it_stands_and_has_no_buttons() -> None:
    moved = SYSTEM.model_copy(
        update={"stage": Stage.IN_OPERATION, "waiting_for": ["privacy-officer"], "next_review_at": NOON}
    )
    card = case_card(moved, names=NAMES)
    text = texts(card)
    assert card.buttons == []
    assert "Stage: in operation" in text
    assert "Owner: Otto Owner" in text
    assert "Requested by: rita" in text
    assert "Next review: 02 Mar 2026" in text
    assert card.note == "Waiting for privacy officer."
    assert case_card(SYSTEM, names={}).note == ""


def test_a_system_without_a_tier_does_not_pretend_to_have_one() -> None:
    assert "Tier" not in texts(approval_card(profile("scorer"), APPROVAL, names=NAMES))


@pytest.mark.parametrize(("case", "what"), [(APPROVAL, "the approval of use"), (OWED, "risk-assessment")])
def test_a_reminder_says_what_is_owed_until_when(case: CaseView, what: str) -> None:
    said = reminder_text(SYSTEM, case)
    assert said == f"Reminder: {what} for The scorer is waiting for you until 09 Mar 2026 12:00 UTC."
