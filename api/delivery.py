"""Delivery of stored acts: at once after the acknowledgement, and again by a sweeper for what a crash left behind."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from adapters.faults import Fault, TransientFault
from adapters.postgres.acts import PostgresActs, TakenAct
from adapters.postgres.ledger import PostgresLedger
from aims.acts import ActKind, SignedAct
from aims.errors import AimsError
from aims.evidence import Entry
from api.commands import Commands

_SWEEP_EVERY = timedelta(seconds=2)
_LEFT_BEHIND = timedelta(seconds=5)  # younger acts are still being delivered by whoever took them
_LOOK = timedelta(milliseconds=50)
log = structlog.get_logger("aims.delivery")

Reply = dict[str, str]


class Teller(Protocol):
    """Answers a person privately, after the acknowledgement."""

    async def tell(self, user: str, text: str, *, channel: str | None = None) -> None:
        """Say something that only this user sees."""


@dataclass
class Delivery:
    """Brings stored acts to their workflows and settles those that are refused."""

    commands: Commands
    acts: PostgresActs
    ledger: PostgresLedger
    teller: Teller | None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def soon(self, act: str, signed: SignedAct, *, reply: Reply | None) -> None:
        """Begin to deliver an act that was just stored; what fails is left to the sweeper."""
        if act not in self.under_way:
            task = asyncio.create_task(self._deliver(signed, reply))
            self.under_way[act] = task
            task.add_done_callback(lambda _: self.under_way.pop(act, None))

    async def outcome(self, act: str, *, within: timedelta) -> TakenAct:
        """Return how an act stands once it is settled, or as it stands when the time is over."""
        deadline = asyncio.get_running_loop().time() + within.total_seconds()
        task = self.under_way.get(act)
        if task:
            await asyncio.wait([task], timeout=within.total_seconds())
        state = await self.acts.state_of(act)
        while state.state == "pending" and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_LOOK.total_seconds())
            state = await self.acts.state_of(act)
        return state

    async def sweep_for_ever(self) -> None:
        """Deliver what a crash or an outage left behind, until cancelled; at the start whatever waits."""
        older_than = timedelta(0)
        while True:
            try:
                await self.sweep(older_than)
                older_than = _LEFT_BEHIND
            except Fault as fault:
                log.warning("sweep failed", problem=str(fault))
            except Exception:  # without the sweeper a crash would lose acts, so it outlives whatever goes wrong
                log.exception("sweep failed")
            await asyncio.sleep(_SWEEP_EVERY.total_seconds())

    async def sweep(self, older_than: timedelta = _LEFT_BEHIND) -> int:
        """Deliver every pending act that is older; return how many there were."""
        pending = await self.acts.pending(older_than)
        for stored in pending:
            if stored.id not in self.under_way:
                await self._deliver(stored.signed, stored.reply)
        return len(pending)

    async def settle(self) -> None:
        """Wait for deliveries under way, so that a stopping api leaves nothing half done."""
        await asyncio.gather(*self.under_way.values(), return_exceptions=True)

    async def _deliver(self, signed: SignedAct, reply: Reply | None) -> None:
        try:
            await self.commands.perform(signed)
        except AimsError as rule:
            await self._refuse(signed, rule, reply=reply)
        except TransientFault as fault:
            log.info("act not delivered yet", act=signed.act.id, problem=str(fault))

    async def _refuse(self, signed: SignedAct, rule: AimsError, *, reply: Reply | None) -> None:
        act = signed.act
        entry = Entry(
            key=f"{act.case}:refused:{act.id}",
            system=_system_of(signed),
            case=act.case,
            kind="attempt_refused",
            actor=act.person,
            occurred_at=self.now(),
            content_digest=act.digest,
            facts={"rule": type(rule).__name__, "act": act.id, "channel": act.channel},
        )
        try:
            first = await self.ledger.refuse_act(act.id, entry, rule=type(rule).__name__, sentence=rule.sentence)
            if first and reply and self.teller:
                await self.teller.tell(reply["slack_user"], rule.sentence, channel=reply.get("slack_channel"))
        except Fault as fault:
            log.warning("refusal not settled yet", act=act.id, problem=str(fault))


def _system_of(signed: SignedAct) -> str:
    """Return the system that a case belongs to: the part of its id that carries the key."""
    parts = signed.act.case.split(":")
    lives = (ActKind.START, ActKind.WITHDRAWAL, ActKind.DECOMMISSIONING)
    return parts[1] if signed.act.kind in lives else parts[2]
