"""Waiting for people under a deadline: remind, escalate, expire. Shared by approvals and assignments."""

from collections.abc import Awaitable, Callable

from temporalio import workflow

from aims.deadlines import Clock, Due


async def watch(clock: Clock, *, until: Callable[[], bool], on_due: Callable[[Due], Awaitable[None]]) -> Clock:
    """Wait until a condition holds; whatever becomes due meanwhile is handled, in order and once.

    Returns the clock with everything behind it that became due. After the expiry nothing is waited for any more.
    """
    while not until():
        following = clock.next_due()
        if following is None:
            return clock
        due, at = following
        try:
            await workflow.wait_condition(until, timeout=at - workflow.now(), timeout_summary=f"{due} at {at:%F %T}")
        except TimeoutError:
            clock = clock.after(due)
            await on_due(due)
    return clock
