"""What the port `Tracker` promises, in memory and in PostgreSQL."""

import asyncio

import asyncpg
import pytest

from activities.ports import Tracker
from adapters.ticketing.local import LocalTracker
from aims.tickets import TicketDraft, TicketState
from tests.contracts.tracker import MemoryTracker

DRAFT = TicketDraft(title="AI system", body="Purpose", labels=["aims"])


@pytest.fixture(params=["memory", "local"])
def tracker(request: pytest.FixtureRequest, pool: asyncpg.Pool) -> Tracker:
    """Return an empty tracker."""
    return MemoryTracker() if request.param == "memory" else LocalTracker(pool)


async def test_a_key_is_one_ticket(tracker: Tracker) -> None:
    assert await tracker.find("one") is None
    made = await asyncio.gather(*(tracker.create("one", DRAFT) for _ in range(10)))
    other = await tracker.create("two", DRAFT)
    assert {one.id for one in made} == {made[0].id}
    assert other != made[0]
    assert await tracker.find("one") == made[0]


async def test_comments_and_transitions_may_be_repeated(tracker: Tracker, pool: asyncpg.Pool) -> None:
    ref = await tracker.create("one", DRAFT)
    for _ in range(2):
        await tracker.comment(ref, "closing", text="Done.")
        await tracker.transition(ref, TicketState.DONE)
    if isinstance(tracker, LocalTracker):
        assert await pool.fetchval("SELECT count(*) FROM ticket_comment") == 1
        assert await pool.fetchval("SELECT state FROM ticket") == "done"
