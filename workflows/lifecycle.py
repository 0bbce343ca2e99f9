"""The AI system from intake to retirement: parent of all other processes. Source: ISO/IEC 42001:2023, 8.1."""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.policies import PolicyActivities
from aims.acts import Act, ActKind, SignedAct, verify
from aims.approval import Outcome
from aims.casefile import LifeView
from aims.dossier import USE
from aims.errors import AimsError, AlreadyDecided, Closed, ForgedAct, Invalid, NotAssigned
from aims.lifecycle import (
    AssessmentResult,
    DecommissioningResult,
    IntakeResult,
    LifeState,
    ReviewResult,
    after_approval,
    after_assessment,
    after_decommissioning,
    after_intake,
    after_review,
    begun,
)
from aims.record import PersonId, Record
from aims.systems import BEFORE_OPERATION, Stage
from workflows import timing
from workflows.approval import Receipt
from workflows.asking import approve
from workflows.decommissioning import Decommissioning
from workflows.deployment import DeploymentSignOff
from workflows.ids import lifecycle_id
from workflows.intake import Intake
from workflows.lifebook import LifeBook
from workflows.periodic_review import PeriodicReview
from workflows.refusal import refusal
from workflows.risk_assessment import RiskAssessment

_CHAPTER_EVENTS = 100  # a run ends at the next stage boundary after this many events: short runs replay fast


class LifecycleRequest(Record):
    """The signed act that started the life and, from the second run on, the state that is carried over."""

    start: SignedAct
    state: LifeState | None = None


class LifeOutcome(Record):
    """How and when a life ended."""

    stage: Stage
    ended_at: datetime


@workflow.defn(name="Lifecycle")
class Lifecycle:
    """Started by an entrance with a signed request; ends rejected, withdrawn or decommissioned, never before.

    Continues as new between stages. When a stage process is cancelled or terminated from outside, that is recorded and
    the stage is started again; when one fails, the life waits for an administrator's `resume`.
    """

    @workflow.init
    def __init__(self, request: LifecycleRequest) -> None:
        """Prepare the state before any message can arrive."""
        self._request = request
        self._book: LifeBook | None = None
        self._begun = False

    @workflow.run
    async def run(self, request: LifecycleRequest) -> LifeOutcome:
        """Go from stage to stage until the life is over."""
        book = await self._opened(request)
        self._begun = True
        stages = {
            Stage.INTAKE: self._intake,
            Stage.RISK_ASSESSMENT: self._risk_assessment,
            Stage.APPROVAL: self._approval,
            Stage.DEPLOYMENT_SIGN_OFF: self._deployment_sign_off,
            Stage.IN_OPERATION: self._wait_for_event,
            Stage.SUSPENDED: self._wait_for_event,
            Stage.PERIODIC_REVIEW: self._periodic_review,
            Stage.DECOMMISSIONING: self._decommissioning,
        }
        while not book.life.ended:
            await stages[book.life.stage]()
            if self._chapter_ends(book):
                await book.settled()
                await workflow.wait_condition(workflow.all_handlers_finished)
                if book.life.ended or not book.idle():
                    continue
                workflow.continue_as_new(LifecycleRequest(start=request.start, state=book.life))
        await workflow.wait_condition(workflow.all_handlers_finished)
        await book.concluded()
        return LifeOutcome(stage=book.life.stage, ended_at=book.life.clock)

    @workflow.update
    async def withdraw(self, signed: SignedAct) -> Receipt:
        """Take back the request; answered when that is in the ledger.

        Raises:
            ApplicationError: Typed by the broken rule; nothing was changed.
        """
        book = await self._ready()
        return await book.case.answered(self._withdrawn(book, signed), at=book.now())

    @withdraw.validator
    def _check_withdraw(self, signed: SignedAct) -> None:
        if self._book and self._begun:
            book = self._book
            book.case.screened(lambda: self._may_withdraw(book, signed))

    @workflow.update
    async def request_decommissioning(self, signed: SignedAct) -> Receipt:
        """Ask for the end of a system in use; answered when the request is taken up.

        Raises:
            ApplicationError: Typed by the broken rule; nothing was changed.
        """
        book = await self._ready()
        return await book.case.answered(self._retired(book, signed), at=book.now())

    @request_decommissioning.validator
    def _check_request_decommissioning(self, signed: SignedAct) -> None:
        if self._book and self._begun:
            book = self._book
            book.case.screened(lambda: self._may_retire(book, signed))

    @workflow.signal
    def resume(self) -> None:
        """Go on after an administrator removed what made a stage or a write fail."""
        if self._book:
            self._book.resumed += 1

    @workflow.query
    def progress(self) -> LifeView | None:
        """Return how the life stands; nothing before it was taken up."""
        return self._book.view() if self._book else None

    async def _opened(self, request: LifecycleRequest) -> LifeBook:
        """Take up the life: a new one by its signed start, a continued one by its state and the keys of today."""
        if request.state:
            return await self._continued(request.state)
        basis = await workflow.execute_activity_method(
            PolicyActivities.read_case_basis, summary="Read the policy in force", **timing.RECORD
        )
        try:
            act = self._started(verify(request.start, basis.keys))
        except AimsError as broken:
            raise refusal(broken) from broken
        book = LifeBook(begun(act, basis.snapshot, keys=basis.keys, at=max(act.at, workflow.now())), act)
        self._book = book
        await book.begin()
        return book

    async def _continued(self, state: LifeState) -> LifeBook:
        """Take up a life where its earlier run left it; keys that cannot be read now stay those of the earlier run.

        Raises:
            ApplicationError: When no earlier run of this life handed the state over.
        """
        if workflow.info().continued_run_id is None or workflow.info().workflow_id != lifecycle_id(state.system):
            raise refusal(ForgedAct("A life cycle is only continued by its own earlier run."))
        try:
            keys = await workflow.execute_activity_method(
                PolicyActivities.read_verify_keys, summary="Read the entrances' keys", **timing.RECORD
            )
        except ActivityError as failure:
            workflow.logger.warning("keys were not read: %s", failure.cause)
            keys = state.keys
        self._book = LifeBook(state.model_copy(update={"keys": keys}), self._request.start.act)
        return self._book

    @staticmethod
    def _started(act: Act) -> Act:
        if act.kind is not ActKind.START or act.case != workflow.info().workflow_id:
            raise Invalid("This act did not request this life cycle.")
        return act

    async def _ready(self) -> LifeBook:
        await workflow.wait_condition(lambda: self._begun)
        if self._book is None:  # wait_condition proves otherwise; this tells the type checker
            raise refusal(Closed("The life cycle has not begun."))
        return self._book

    @staticmethod
    def _chapter_ends(book: LifeBook) -> bool:
        info = workflow.info()
        long = info.get_current_history_length() >= _CHAPTER_EVENTS
        return not book.life.ended and (info.is_continue_as_new_suggested() or (long and book.idle()))

    def _may_withdraw(self, book: LifeBook, signed: SignedAct) -> Act:
        act = self._addressed(book, signed, kind=ActKind.WITHDRAWAL)
        _require(act.person, [book.life.requester], sentence="Only the requester can withdraw a request.")
        if book.life.operated:
            raise Closed("This system was in operation: it cannot be withdrawn, but its owner can ask for its end.")
        if book.life.stage not in BEFORE_OPERATION:
            raise Closed(f"This cannot be withdrawn any more: it is {book.life.stage.replace('_', ' ')}.")
        return act

    async def _withdrawn(self, book: LifeBook, signed: SignedAct) -> Receipt:
        async with book.case.one_at_a_time:
            act = self._may_withdraw(book, signed)
            await book.record(book.life.at(book.now()).moved(Stage.WITHDRAWN, "withdrawn"), act)
        return Receipt(case=book.case.identity.id, outcome=book.life.stage)

    def _may_retire(self, book: LifeBook, signed: SignedAct) -> Act:
        act = self._addressed(book, signed, kind=ActKind.DECOMMISSIONING)
        _require(
            act.person, [book.life.requester, book.life.owner], sentence="Only owner or requester can ask for the end."
        )
        if book.life.stage not in (Stage.IN_OPERATION, Stage.SUSPENDED):
            raise Closed("Only a system in operation, or a suspended one, can be decommissioned; this one is not.")
        return act

    async def _retired(self, book: LifeBook, signed: SignedAct) -> Receipt:
        async with book.case.one_at_a_time:
            act = self._may_retire(book, signed)
            state = book.life.at(book.now()).moved(Stage.DECOMMISSIONING, "decommissioning_requested")
            await book.record(state, act)
        return Receipt(case=book.case.identity.id, outcome=book.life.stage)

    @staticmethod
    def _addressed(book: LifeBook, signed: SignedAct, *, kind: ActKind) -> Act:
        act = verify(signed, book.life.keys)
        if act.case != book.case.identity.id or act.kind is not kind:
            raise Invalid("This act was meant for something else.")
        if act.id in book.life.used_acts:
            raise AlreadyDecided("This request was counted before; it counts once.")
        return act

    async def _intake(self) -> None:
        book = self._known
        outcome = await book.stage(Intake.run, "intake")
        if outcome and await book.went_through(outcome.result is not IntakeResult.INTERRUPTED):
            state = book.life.at(outcome.ended_at).learned(outcome.dossier)
            await book.move(state, after_intake(state, outcome.result))

    async def _risk_assessment(self) -> None:
        book = self._known
        outcome = await book.stage(RiskAssessment.run, "risk_assessment")
        if outcome and await book.went_through(outcome.result is not AssessmentResult.INTERRUPTED):
            state = book.life.at(outcome.ended_at).assessed(outcome.assessments)
            await book.move(state, after_assessment(outcome.result))

    async def _approval(self) -> None:
        book = self._known
        number = book.begin_round("approval")
        outcome = await book.waited(approve(book.life, USE, number=number), f"approval:{USE}")
        if outcome and await book.went_through(outcome.outcome is not Outcome.WITHDRAWN):
            state = book.life.at(outcome.ended_at)
            await book.move(state, after_approval(state, outcome.outcome))

    async def _deployment_sign_off(self) -> None:
        book = self._known
        outcome = await book.stage(DeploymentSignOff.run, "deployment_sign_off")
        if outcome and await book.went_through(outcome.outcome is not Outcome.WITHDRAWN):
            state = book.life.at(outcome.ended_at).assessed(outcome.assessments)
            target, entry = after_approval(state, outcome.outcome)
            if target is Stage.IN_OPERATION:
                await book.enter_operation(state)
            else:
                await book.move(state, (target, entry))

    async def _wait_for_event(self) -> None:
        """Wait in operation, or suspended, until a review is due or somebody asks for the end."""
        book = self._known
        waiting_in, due_at = book.life.stage, book.life.next_review_at or book.now()
        try:
            await workflow.wait_condition(
                lambda: book.life.stage is not waiting_in,
                timeout=due_at - workflow.now(),
                timeout_summary=f"review due {due_at:%F}",
            )
        except TimeoutError:
            await book.move(book.life.at(due_at), (Stage.PERIODIC_REVIEW, "review_due"))

    async def _periodic_review(self) -> None:
        book = self._known
        outcome = await book.stage(PeriodicReview.run, "periodic_review")
        if outcome and await book.went_through(outcome.result is not ReviewResult.INTERRUPTED):
            state = book.life.at(outcome.ended_at)
            await book.move(state, after_review(outcome.result), conclusion=outcome.result)

    async def _decommissioning(self) -> None:
        book = self._known
        outcome = await book.stage(Decommissioning.run, "decommissioning")
        if outcome and await book.went_through(outcome.result is not DecommissioningResult.INTERRUPTED):
            state = book.life.at(outcome.ended_at)
            target, entry = after_decommissioning(state, outcome.result)
            await book.move(state, (target, entry), archive=outcome.archive)

    @property
    def _known(self) -> LifeBook:
        if self._book is None:  # stages only run after the book was opened
            raise refusal(Closed("The life cycle has not begun."))
        return self._book


def _require(person: PersonId, allowed: list[PersonId], *, sentence: str) -> None:
    if person not in allowed:
        raise NotAssigned(sentence)
