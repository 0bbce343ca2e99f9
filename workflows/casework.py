"""What every case that asks people does alike: write steps, tell people, keep messages true, note forged acts."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.conversations import ConversationActivities, Notice
from activities.ledger import LedgerActivities
from aims.casefile import CaseIdentity, CaseView, case_details
from aims.errors import AimsError, ForgedAct
from aims.evidence import Entry
from aims.journal import Step
from aims.record import PersonId
from workflows import timing, visibility
from workflows.recording import recorded
from workflows.refusal import refusal

T = TypeVar("T")

_FORGERIES_RECORDED = 20  # a run; beyond, attempts leave no entry so that nobody can fill history and ledger


class Casework:
    """The effects of one case, in the order in which its process asks for them.

    Conversations run beside the process, so that a chat that is away delays neither votes nor deadlines.
    """

    def __init__(self, identity: CaseIdentity) -> None:
        self.identity = identity
        self.one_at_a_time = asyncio.Lock()
        self.shown = visibility.Shown()
        self._talks: list[asyncio.Task[None]] = []
        self._forgeries = 0

    def entry(self, kind: str, step: str, *, at: datetime, actor: str = "system", **facts: object) -> Entry:
        """Return an entry about this case; kind and step make its key."""
        return Entry(
            key=f"{self.identity.id}:{step}:{kind}",
            system=self.identity.system,
            case=self.identity.id,
            kind=kind,
            actor=actor,
            occurred_at=at,
            policy_digest=self.identity.policy_digest,
            facts=dict(facts),
        )

    async def commit(self, view: CaseView, *entries: Entry, acts: tuple[str, ...] = ()) -> None:
        """Write entries and the case's new view in one step, then show the view to administrators."""
        step = Step(key=entries[0].key, entries=list(entries), case=view, accepted_acts=list(acts))
        summary = f"Ledger: {entries[-1].kind.replace('_', ' ')}"
        await recorded(LedgerActivities.commit_step, step, summary=summary)
        self.show(view, overdue=any(entry.kind in {"reminder_due", "escalated", "expired"} for entry in entries))

    def show(self, view: CaseView, *, overdue: bool = False) -> None:
        """Make the view what administrators list by and read."""
        workflow.set_current_details(case_details(view))
        self.shown.update(visibility.of_case(view, overdue=overdue))

    def ask(self, people: list[PersonId], turn: str, *, unreached: Callable[[], Awaitable[None]] | None) -> None:
        """Ask people beside the process; `unreached` is awaited when somebody could not be reached."""
        self._talks.append(asyncio.create_task(self._asked(people, turn, unreached=unreached)))

    def remind(self, people: list[PersonId], turn: str) -> None:
        """Remind people beside the process."""
        self._talks.append(asyncio.create_task(self._reminded(people, turn)))

    def refresh(self, turn: str) -> None:
        """Bring every posted message up to date beside the process."""
        self._talks.append(asyncio.create_task(self._refreshed(turn)))

    async def finish(self) -> None:
        """Wait for handlers and conversations, then make every posted message show how the case ended."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        await asyncio.gather(*self._talks)
        await self._refreshed("refresh")

    async def answered(self, taking: Coroutine[Any, Any, T], *, at: datetime) -> T:
        """Return what taking an act gives, or tell the caller which rule it broke; forged acts are recorded.

        Raises:
            ApplicationError: Typed by the broken rule; nothing was changed.

        """
        try:
            return await taking
        except ForgedAct as forged:
            await self._note_forgery(at)
            raise refusal(forged) from forged
        except AimsError as broken:
            raise refusal(broken) from broken

    def screened(self, check: Callable[[], object]) -> None:
        """Run the check of a validator; forged acts pass as long as they are recorded by the handler.

        While a step is being written nothing is refused here: people may know of it before this workflow does, so the
        handler waits for its turn and checks then.

        Raises:
            ApplicationError: Typed by the broken rule.

        """
        if self.one_at_a_time.locked():
            return
        try:
            check()
        except ForgedAct as forged:
            if self._forgeries >= _FORGERIES_RECORDED:
                raise refusal(forged) from forged
        except AimsError as broken:
            raise refusal(broken) from broken

    async def _note_forgery(self, at: datetime) -> None:
        self._forgeries += 1
        update = workflow.current_update_info()
        name = f"forged:{update.id if update else self._forgeries}"
        entry = self.entry("attempt_refused", name, at=at, actor="unknown", rule="ForgedAct")
        step = Step(key=entry.key, entries=[entry])
        await recorded(LedgerActivities.commit_step, step, summary="Record a forged act")

    async def _asked(
        self, people: list[PersonId], turn: str, *, unreached: Callable[[], Awaitable[None]] | None
    ) -> None:
        delivery = await self._talk(
            workflow.execute_activity_method(
                ConversationActivities.ask_people,
                self._notice(people, turn),
                summary=f"Ask {len(people)} {'person' if len(people) == 1 else 'people'}",
                **timing.CONVERSE,
            )
        )
        missed = people if delivery is None else delivery.unreached
        if unreached and (missed or not people):  # nobody to ask is as good as nobody reached
            await unreached()

    async def _refreshed(self, turn: str) -> None:
        notice = self._notice([], turn)
        await self._talk(
            workflow.execute_activity_method(
                ConversationActivities.refresh_messages, notice, summary="Update every message", **timing.CONVERSE
            )
        )

    async def _reminded(self, people: list[PersonId], turn: str) -> None:
        await self._talk(
            workflow.execute_activity_method(
                ConversationActivities.remind_people, self._notice(people, turn), summary="Remind", **timing.CONVERSE
            )
        )

    async def _talk(self, effect: Coroutine[Any, Any, T]) -> T | None:
        """Return what a conversation gives, or nothing when it failed for good: a case never fails for that."""
        try:
            return await effect
        except ActivityError as failure:
            workflow.logger.warning("conversation failed: %s", failure.cause)
            return None

    def _notice(self, people: list[PersonId], turn: str) -> Notice:
        return Notice(case=self.identity.id, system=self.identity.system, round=turn, people=people)
