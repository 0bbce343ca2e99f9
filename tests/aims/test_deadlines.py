"""What happens when nobody acts, in which order, and when."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aims.deadlines import Clock, Deadline, Due
from tests.builders import NOON

MINUTES = st.integers(-10, 100_000).map(lambda number: timedelta(minutes=number))


def deadline(delays: Sequence[timedelta]) -> Deadline:
    """Return a deadline with these delays."""
    remind, escalate, expire = delays
    return Deadline(
        id="soon", remind_after=remind, escalate_after=escalate, expire_after=expire, owner="lena", rationale="r"
    )


@pytest.mark.feature(39, 48)
@pytest.mark.clause("7.4")
@given(st.lists(MINUTES.filter(lambda delay: delay > timedelta(0)), min_size=3, max_size=3, unique=True).map(sorted))
def test_reminder_escalation_and_expiry_come_in_this_order(delays: list[timedelta]) -> None:
    clock = Clock(opened_at=NOON, rule=deadline(delays))
    happened = []
    for _ in range(len(delays) + 1):
        if due := clock.next_due():
            happened.append(due)
            clock = clock.after(due[0])
    assert happened == [(due, NOON + delay) for due, delay in zip(Due, delays, strict=True)]
    assert happened[-1] == (Due.EXPIRE, clock.due_at)


@given(MINUTES, MINUTES, MINUTES)
def test_delays_that_do_not_grow_are_refused(remind: timedelta, escalate: timedelta, expire: timedelta) -> None:
    if timedelta(0) < remind < escalate < expire:
        assert deadline([remind, escalate, expire]).expire_after == expire
    else:
        with pytest.raises(ValidationError, match="grow in this order"):
            deadline([remind, escalate, expire])


@given(st.sets(st.sampled_from(Due)))
def test_the_first_that_has_not_passed_is_next(passed: set[Due]) -> None:
    days = [timedelta(days=number) for number in (1, 2, 3)]
    clock = Clock(opened_at=NOON, rule=deadline(days), passed=list(passed))
    due = clock.next_due()
    left = [one for one in Due if one not in passed]
    assert (due[0] if due else None) == (left[0] if left else None)
