"""Tickets in memory."""

from dataclasses import dataclass, field

from aims.tickets import TicketDraft, TicketRef, TicketState


@dataclass(frozen=True)
class MemoryTracker:
    """Fits the port `Tracker`."""

    tickets: dict[str, TicketRef] = field(default_factory=dict)
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, TicketState] = field(default_factory=dict)

    async def create(self, key: str, draft: TicketDraft) -> TicketRef:
        """Create the ticket with the key once."""
        return self.tickets.setdefault(key, TicketRef(tracker="memory", id=f"{len(self.tickets)} {draft.title}"))

    async def find(self, key: str) -> TicketRef | None:
        """Return the ticket with the key."""
        return self.tickets.get(key)

    async def comment(self, ref: TicketRef, key: str, *, text: str) -> None:
        """Add a comment once for each key."""
        self.comments.setdefault(key, (ref.id, text))

    async def transition(self, ref: TicketRef, state: TicketState) -> None:
        """Keep the state."""
        self.states[ref.id] = state
