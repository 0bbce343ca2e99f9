"""The book of one life: its state, how moves are written, and how stage processes are run and waited for."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    CancelledError,
    ChildWorkflowError,
    TerminatedError,
)
from temporalio.workflow import ParentClosePolicy

from activities.conversations import ConversationActivities
from activities.ledger import LedgerActivities, OperationEntry
from activities.ports import TicketState
from activities.tickets import TicketActivities, TicketClosing
from aims.acts import Act
from aims.casefile import CaseIdentity, LifeView, life_details
from aims.evidence import Entry
from aims.journal import Step, SystemChange
from aims.lifecycle import LifeState
from aims.systems import ENDS, Stage
from workflows import ids, timing, visibility
from workflows.asking import StageRequest
from workflows.casework import Casework
from workflows.recording import recorded
from workflows.refusal import rule_behind

T = TypeVar("T")

_SHOWN = (Stage.IN_OPERATION, Stage.SUSPENDED, *ENDS)


class LifeBook:
    """Keeps a life's state and writes every move of it once; waits for an administrator where a write is refused."""

    def __init__(self, life: LifeState, start: Act) -> None:
        self.life = life
        self.resumed = 0
        self.case = Casework(
            CaseIdentity(
                id=start.case,
                process="lifecycle",
                subject="life",
                system=life.system,
                policy_digest=life.snapshot.digest,
            )
        )
        self._start = start
        self._open_case: str | None = None
        self._errands: list[asyncio.Task[Any]] = []
        self._show()

    def now(self) -> datetime:
        """Return the time of the case: never behind what already happened to it."""
        return max(self.life.clock, workflow.now())

    def view(self) -> LifeView:
        """Return how the life stands."""
        return self.life.view(self._open_case)

    async def begin(self) -> None:
        """Write the first entry and open the ticket beside the process."""
        act = self._start
        entry = self.case.entry("intake_requested", "start", at=self.life.clock, actor=act.person, act=act.id)
        entry = entry.model_copy(update={"content_digest": act.digest})
        await self._write(entry, self._change(), act=act)
        self._errand(
            workflow.execute_activity_method(
                TicketActivities.open_ticket, self.life.system, summary="Open the ticket", **timing.TICKET
            )
        )

    def begin_round(self, process: str) -> int:
        """Begin a round of a process and return its number."""
        self.life = self.life.next_round(process)
        return self.life.round_of(process)

    async def stage(self, run: Callable[[Any, StageRequest], Coroutine[Any, Any, T]], process: str) -> T | None:
        """Run a stage process as a child and return how it ended; nothing when the life ended or the child was lost."""
        number = self.begin_round(process)
        child = workflow.execute_child_workflow(
            run,
            StageRequest(state=self.life),
            id=ids.process_id(process, self.life.system, number=number),
            static_summary=f"{process.replace('_', ' ').capitalize()} of {self.life.system}",
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            search_attributes=visibility.starting(
                system=self.life.system, process=process, stage=self.life.stage, unit=self.life.unit
            ),
        )
        return await self.waited(child, process)

    async def waited(self, child: Coroutine[Any, Any, T], process: str) -> T | None:
        """Wait for a child, unless the life ends first; then it is cancelled so that its messages are closed."""
        self._open_case = f"{process}:{self.life.system}:{self.life.round_of(process.split(':', maxsplit=1)[0])}"
        self._show()
        task = asyncio.create_task(child)
        await workflow.wait_condition(lambda: task.done() or self.life.ended)
        self._open_case = None
        if self.life.ended:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return None
        try:
            return task.result()
        except ChildWorkflowError as failure:
            await self._interrupted(failure)
            return None

    async def went_through(self, regular: bool) -> bool:  # noqa: FBT001 - reads as one word at the call
        """Return whether the stage's result counts; one that was cancelled from outside is recorded and begun again."""
        if not regular and not self.life.ended:
            await self._interrupted(None)
        return regular and not self.life.ended

    async def move(self, state: LifeState, to: tuple[Stage, str], **facts: object) -> None:
        """Write a move of the life to a stage, for the reason named, unless an act moved the life meanwhile."""
        async with self.case.one_at_a_time:
            if self.life.stage is state.stage:
                moved = state.moved(*state.destination(to))
                await self._write(self._move_entry(moved, None, **facts), self._change(moved), act=None)
                self._moved_to(moved)

    async def record(self, state: LifeState, act: Act) -> None:
        """Write a move that a person's act decided; the caller holds the lock."""
        await self._write(self._move_entry(state, act), self._change(state), act=act)
        self._moved_to(state.having_used(act))

    async def enter_operation(self, state: LifeState) -> None:
        """Pass the gate, where signed acts are counted again; refused, the system goes back to approval."""
        entered = state.moved(Stage.IN_OPERATION, "operation_entered")
        entry = self._move_entry(entered, None)
        step = Step(key=entry.key, entries=[entry], system=self._change(entered))
        async with self.case.one_at_a_time:
            passed = self.life.stage is state.stage and await self._passed_gate(step, state)
            if passed:
                self._moved_to(entered)
        if not passed:
            await self.move(state, (Stage.APPROVAL, "gate_refused"))

    async def _passed_gate(self, step: Step, state: LifeState) -> bool:
        while True:
            try:
                await recorded(
                    LedgerActivities.enter_operation,
                    OperationEntry(step=step, keys=state.keys),
                    summary="Count signed acts again and enter operation",
                )
            except ActivityError as failure:
                if rule_behind(failure) == "ApprovalNotEvidenced":
                    return False
                await self._blocked(f"the gate could not be passed: {failure.cause}")
            else:
                return True

    def idle(self) -> bool:
        """Return whether no errand is under way."""
        return all(task.done() for task in self._errands)

    async def settled(self) -> None:
        """Wait for the errands, so that none is lost when the run ends."""
        await asyncio.gather(*self._errands)

    async def concluded(self) -> None:
        """Wait for the errands, then close the ticket."""
        await self.settled()
        done = self.life.stage is Stage.DECOMMISSIONED
        closing = TicketClosing(
            system=self.life.system,
            state=TicketState.DONE if done else TicketState.DROPPED,
            word=f"The life of this AI system has ended: {self.life.stage}.",
        )
        self._errand(
            workflow.execute_activity_method(
                TicketActivities.close_ticket, closing, summary="Close the ticket", **timing.TICKET
            )
        )
        await self.settled()

    async def _write(self, entry: Entry, change: SystemChange, *, act: Act | None) -> None:
        """Write one entry; where the record refuses it, say so to administrators and wait for `resume`."""
        step = Step(key=entry.key, entries=[entry], system=change, accepted_acts=[act.id] if act else [])
        while True:
            try:
                await recorded(LedgerActivities.commit_step, step, summary=f"Ledger: {entry.kind.replace('_', ' ')}")
            except ActivityError as failure:
                await self._blocked(f"the record refused '{entry.kind}': {failure.cause}")
            else:
                return

    async def _interrupted(self, failure: ChildWorkflowError | None) -> None:
        """Record that a stage process was lost; a failed one is not begun again before `resume`."""
        cause = failure.cause if failure else None
        async with self.case.one_at_a_time:
            if self.life.ended:
                return
            await self._note_interruption(failure)
        if cause is not None and not isinstance(cause, CancelledError | TerminatedError):
            await self._blocked(f"the stage process failed: {cause}")

    async def _note_interruption(self, failure: ChildWorkflowError | None) -> None:
        cause = failure.cause if failure else None
        number = self.life.moves * 1000 + sum(self.life.rounds.values())
        entry = self.case.entry(
            "stage_interrupted",
            f"interrupted:{number}",
            at=self.now(),
            stage=self.life.stage,
            cause=type(cause).__name__ if cause else "CancelledError",
        )
        await self._write(entry, SystemChange(key=self.life.system), act=None)

    async def _blocked(self, why: str) -> None:
        seen = self.resumed
        workflow.set_current_details(f"{life_details(self.view())}\n\n**Blocked**: {why}. Send the signal `resume`.")
        await workflow.wait_condition(lambda: self.resumed > seen or self.life.ended)
        self._show()

    def _move_entry(self, state: LifeState, act: Act | None, **facts: object) -> Entry:
        entry = self.case.entry(
            state.last_entry,
            f"move:{state.moves}",
            at=state.clock,
            actor=act.person if act else "system",
            came_from=state.came_from,
            stage=state.stage,
            **{name: value for name, value in facts.items() if value is not None},
        )
        return entry.model_copy(update={"content_digest": act.digest}) if act else entry

    def _change(self, state: LifeState | None = None) -> SystemChange:
        state = state or self.life
        return SystemChange(
            key=state.system,
            stage=state.stage,
            tier=state.tier,
            policy_digest=state.snapshot.digest,
            next_review_at=state.next_review_at,
            clear_review=state.next_review_at is None,
        )

    def _moved_to(self, state: LifeState) -> None:
        self.life = state
        self._show()
        if state.stage in _SHOWN:
            self._errand(
                workflow.execute_activity_method(
                    ConversationActivities.show_system, state.system, summary="Update the thread", **timing.CONVERSE
                )
            )

    def _errand(self, effect: Coroutine[Any, Any, Any]) -> None:
        """Run an effect beside the process; a life never fails because a chat or a tracker does."""

        async def run() -> None:
            try:
                await effect
            except ActivityError as failure:
                workflow.logger.warning("errand failed: %s", failure.cause)

        self._errands = [task for task in self._errands if not task.done()]
        self._errands.append(asyncio.create_task(run()))

    def _show(self) -> None:
        view = self.view()
        workflow.set_current_details(life_details(view))
        self.case.shown.update(visibility.of_life(view))
