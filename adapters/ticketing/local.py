"""Tickets in our own database, for organisations without a ticketing system."""

from dataclasses import dataclass

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.tickets import TicketDraft, TicketRef, TicketState

CREATE_TICKET = """
    INSERT INTO ticket (key, title, body, labels) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING
"""
FIND_TICKET = "SELECT id FROM ticket WHERE key = $1"
COMMENT_TICKET = """
    INSERT INTO ticket_comment (key, ticket_id, text) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING
"""
MOVE_TICKET = "UPDATE ticket SET state = $2 WHERE id = $1"


@dataclass(frozen=True)
class LocalTracker:
    """Fits the port `Tracker`; every call is idempotent by its unique key."""

    pool: asyncpg.Pool

    async def create(self, key: str, draft: TicketDraft) -> TicketRef:
        """Create the ticket with the key, or return the one that has it."""
        with translate_faults():
            await self.pool.execute(CREATE_TICKET, key, draft.title, draft.body, draft.labels)
            return _ref(await self.pool.fetchval(FIND_TICKET, key))

    async def find(self, key: str) -> TicketRef | None:
        """Return the ticket with the key."""
        with translate_faults():
            number = await self.pool.fetchval(FIND_TICKET, key)
        return None if number is None else _ref(number)

    async def comment(self, ref: TicketRef, key: str, *, text: str) -> None:
        """Add a comment once for each key."""
        with translate_faults():
            await self.pool.execute(COMMENT_TICKET, key, int(ref.id), text)

    async def transition(self, ref: TicketRef, state: TicketState) -> None:
        """Bring the ticket into a state."""
        with translate_faults():
            await self.pool.execute(MOVE_TICKET, int(ref.id), state)


def _ref(number: int) -> TicketRef:
    return TicketRef(tracker="local", id=str(number))
