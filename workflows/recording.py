"""How a process writes to the record."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow

from activities.ledger import LedgerActivities
from workflows import timing

A = TypeVar("A")
R = TypeVar("R")


async def recorded(write: Callable[[LedgerActivities, A], Awaitable[R]], what: A, *, summary: str) -> R:
    """Return what a write to the record gives; it is tried until it lands.

    It is never a local activity: that would commit before the history holds the update it belongs to, and after a lost
    workflow task another vote could come first. Half the events are not worth a record that the process does not know.

    Raises:
        ActivityError: When the record refused the write for good.
    """
    method: Any = write
    result: R = await workflow.execute_activity_method(method, what, summary=summary, **timing.RECORD)
    return result
