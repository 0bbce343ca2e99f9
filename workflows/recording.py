"""How a process writes to the record: first inside its own worker, and for ever if that does not land at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.ledger import LedgerActivities
from workflows import timing

A = TypeVar("A")
R = TypeVar("R")

_AT_ONCE = timedelta(seconds=3)  # a local activity holds the workflow task, which has ten seconds


async def recorded(write: Callable[[LedgerActivities, A], Awaitable[R]], what: A, *, summary: str) -> R:
    """Return what a write to the record gives.

    It is tried as a local activity, which needs three events less and half the time; where that does not land within
    three seconds, a regular activity tries for ever. Writing a step twice changes nothing, so both may have run.

    Raises:
        ActivityError: When the record refused the write for good.
    """
    method: Any = write
    try:
        result: R = await workflow.execute_local_activity_method(
            method,
            what,
            schedule_to_close_timeout=_AT_ONCE,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200)),
            summary=summary,
        )
    except ActivityError as failure:
        if isinstance(failure.cause, ApplicationError) and failure.cause.non_retryable:
            raise
        result = await workflow.execute_activity_method(method, what, summary=summary, **timing.RECORD)
    return result
