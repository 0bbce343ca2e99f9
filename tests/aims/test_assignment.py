"""Somebody owes a submission: who may hand it in, and until when."""

import pytest

from aims.assignment import Assigned, AssignmentOutcome
from aims.errors import Closed, NotAssigned
from tests.builders import DIGEST, policy

OPEN = Assigned(form=policy().forms[0], people=["ada", "lena"])
ENDED = [outcome for outcome in AssignmentOutcome if outcome is not AssignmentOutcome.OPEN]


@pytest.mark.clause("5.3")
def test_any_of_the_people_asked_may_submit_once() -> None:
    done = OPEN.submitted(person="lena", act="act-1", digest=DIGEST, facts={"likelihood": 3})
    assert (done.outcome, done.author, done.act) == (AssignmentOutcome.SUBMITTED, "lena", "act-1")
    assert (done.digest, done.facts) == (DIGEST, {"likelihood": 3})
    assert OPEN.outcome is AssignmentOutcome.OPEN
    with pytest.raises(Closed, match="submitted"):
        done.submitted(person="ada", act="act-2", digest=DIGEST, facts={})


def test_who_is_not_asked_cannot_submit() -> None:
    with pytest.raises(NotAssigned):
        OPEN.submitted(person="eve", act="act-1", digest=DIGEST, facts={})


@pytest.mark.peer_fault("T2")
@pytest.mark.parametrize("outcome", ENDED)
def test_a_late_submission_is_answered_with_how_it_ended(outcome: AssignmentOutcome) -> None:
    with pytest.raises(Closed, match=outcome):
        OPEN.closed(outcome).check("ada")
