"""Effects on the ticketing system: one ticket for each AI system's life."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.effects import Effect, once
from activities.ports import EffectLog, Register, TicketDraft, TicketRef, Tracker
from activities.ports import TicketState as State
from aims.record import Record, SystemKey

_TICKET = "ticket"


class TicketClosing(Record):
    """Which ticket ends, in which state and with which last word."""

    system: SystemKey
    state: State
    word: str


@dataclass(frozen=True)
class TicketActivities:
    """Opens and closes the ticket of a case."""

    tracker: Tracker
    quiet: timedelta  # at least the tracker's time-out, slowest processing and index lag together
    register: Register
    effects: EffectLog

    @activity.defn
    async def open_ticket(self, system: SystemKey) -> TicketRef:
        """Open the ticket of a system's life, once."""
        profile = await self.register.profile(system)
        body = f"{profile.purpose}\n\nGoverned by AIMS as {system}. Closing this ticket does not close the case."
        draft = TicketDraft(title=f"AI system {profile.name} ({system})", body=body, labels=["aims"])
        return await self._once(system, draft)

    @activity.defn
    async def close_ticket(self, closing: TicketClosing) -> None:
        """Comment the end of the life on its ticket and close it."""
        ref = await self.open_ticket(closing.system)
        await self.tracker.comment(ref, f"{_key(closing.system)}:closing", text=closing.word)
        await self.tracker.transition(ref, closing.state)

    async def _once(self, system: SystemKey, draft: TicketDraft) -> TicketRef:
        key = _key(system)

        async def find(_since: datetime) -> TicketRef | None:
            return await self.tracker.find(key)

        async def call() -> TicketRef:
            return await self.tracker.create(key, draft)

        return await once(
            self.effects,
            Effect(
                key=key,
                kind=_TICKET,
                case=f"system:{system}",
                quiet=self.quiet,
                call=call,
                find=find,
                encode=TicketRef.model_dump_json,
                decode=TicketRef.model_validate_json,
            ),
        )


def _key(system: SystemKey) -> str:
    return f"system:{system}:ticket"
