"""Someone owes a submission by a date: ask, remind, escalate, accept. Source: ISO/IEC 42001:2023, 5.3."""

import asyncio
from datetime import datetime

from pydantic import Field
from temporalio import workflow

from activities.ledger import LedgerActivities
from aims.acts import Act, ActKind, SignedAct, VerifyKeys, verify
from aims.assignment import Assigned, AssignmentOutcome
from aims.casefile import CaseIdentity, CaseView, assignment_view
from aims.deadlines import Clock, Deadline, Due
from aims.dossier import Assessment
from aims.errors import Invalid
from aims.forms import Form
from aims.openings import AssignmentOpening
from aims.record import Digest, PersonId, Record
from workflows.approval import Receipt
from workflows.casework import Casework
from workflows.deadline import watch
from workflows.recording import recorded


class AssignmentRequest(Record):
    """What is owed by whom: a named person, or whoever holds the form's role. `digest` is what the work is about."""

    identity: CaseIdentity
    form: Form
    person: PersonId | None = None
    excluded: list[PersonId] = Field(default_factory=list)
    deadline: Deadline
    digest: Digest
    keys: VerifyKeys
    at: datetime


class AssignmentResult(Record):
    """How an assignment ended, and the accepted act with its facts."""

    outcome: AssignmentOutcome
    done: Assessment | None = None
    act: Act | None = None
    ended_at: datetime


@workflow.defn(name="Assignment")
class Assignment:
    """Started by the process that needs the submission; ends with it, at expiry, or when it is withdrawn.

    When nobody answers: one reminder, one escalation to the form's role, then `expired`.
    """

    @workflow.init
    def __init__(self, request: AssignmentRequest) -> None:
        """Prepare the state before any message can arrive."""
        self._request = request
        self._case = Casework(request.identity)
        self._assigned = Assigned(form=request.form)
        self._clock = Clock(opened_at=self._now(), rule=request.deadline)
        self._escalated = False
        self._act: Act | None = None

    @workflow.run
    async def run(self, request: AssignmentRequest) -> AssignmentResult:
        """Ask, and wait until the form is submitted or nobody acted in time."""
        try:
            async with self._case.one_at_a_time:
                await self._open(escalated=False)
            self._clock = await watch(self._clock, until=self._over, on_due=self._on_due)
        except asyncio.CancelledError:
            await self._close(AssignmentOutcome.WITHDRAWN, "withdrawn")
        await self._case.finish()
        return AssignmentResult(
            outcome=self._assigned.outcome, done=self._done(request.form), act=self._act, ended_at=self._now()
        )

    @workflow.update
    async def submit(self, signed: SignedAct) -> Receipt:
        """Take the signed submission; answered when it is in the ledger.

        Raises:
            ApplicationError: Typed by the broken rule; nothing was changed.

        """
        return await self._case.answered(self._submitted(signed), at=self._now())

    @submit.validator
    def _check_submit(self, signed: SignedAct) -> None:
        self._case.screened(lambda: self._screen(signed))

    @workflow.query
    def progress(self) -> CaseView:
        """Return how the assignment stands."""
        return self._view(self._assigned)

    def _now(self) -> datetime:
        return max(self._request.at, workflow.now())

    def _over(self) -> bool:
        return self._assigned.outcome is not AssignmentOutcome.OPEN

    def _view(self, assigned: Assigned) -> CaseView:
        view = assignment_view(
            self._request.identity,
            assigned,
            digest=self._request.digest,
            opened_at=self._clock.opened_at,
            due_at=self._clock.due_at,
        )
        return view.model_copy(update={"escalated": self._escalated, "named": self._request.person})

    def _known(self, signed: SignedAct) -> bool:
        return self._assigned.act == signed.act.id

    def _screen(self, signed: SignedAct) -> None:
        if not self._known(signed):
            self._assigned.check(self._genuine(signed).person)

    def _genuine(self, signed: SignedAct) -> Act:
        act = verify(signed, self._request.keys)
        if act.case != self._request.identity.id or act.kind is not ActKind.SUBMISSION:
            raise Invalid("This act was meant for another case.")
        return act

    async def _submitted(self, signed: SignedAct) -> Receipt:
        act = self._genuine(signed)
        async with self._case.one_at_a_time:
            if not self._known(signed):
                await self._accept(act)
        return Receipt(case=self._request.identity.id, outcome=self._assigned.outcome)

    async def _accept(self, act: Act) -> None:
        assigned = self._assigned.submitted(person=act.person, act=act.id, digest=act.digest, facts=act.facts)
        entry = self._case.entry(
            "submission_accepted",
            act.step,
            at=self._now(),
            actor=act.person,
            form=act.step,
            act=act.id,
            facts=act.facts,
        ).model_copy(update={"content_digest": act.digest})
        await self._case.commit(self._view(assigned), entry, acts=(act.id,))
        self._assigned, self._act = assigned, act

    async def _open(self, *, escalated: bool) -> None:
        before = self._assigned.people
        opening = AssignmentOpening(
            identity=self._request.identity,
            assigned=self._assigned,
            person=self._request.person,
            excluded=self._request.excluded,
            escalated=escalated,
            digest=self._request.digest,
            at=self._now(),
            opened_at=self._clock.opened_at,
            due_at=self._clock.due_at,
        )
        asked = await recorded(LedgerActivities.open_assignment, opening, summary=f"Ask for {self._request.form.id}")
        self._assigned = self._assigned.model_copy(update={"people": asked.people})
        self._case.show(self._view(self._assigned), overdue=escalated)
        added = [person for person in asked.people if person not in before]
        self._case.ask(added, f"ask:{self._request.form.id}", unreached=None if escalated else self._escalate)

    async def _on_due(self, due: Due) -> None:
        if due is Due.ESCALATE:
            await self._escalate()
        elif due is Due.EXPIRE:
            await self._close(AssignmentOutcome.EXPIRED, "expired")
        else:
            await self._remind()

    async def _escalate(self) -> None:
        """Ask further people once: when time has passed, or when somebody cannot be reached."""
        async with self._case.one_at_a_time:
            if self._over() or self._escalated:
                return
            self._escalated = True
            await self._open(escalated=True)

    async def _remind(self) -> None:
        async with self._case.one_at_a_time:
            if self._over():
                return
            entry = self._case.entry("reminder_due", self._request.form.id, at=self._now())
            await self._case.commit(self._view(self._assigned), entry)
            self._case.remind(self._assigned.people, f"remind:{self._request.form.id}")

    async def _close(self, outcome: AssignmentOutcome, kind: str) -> None:
        """End the assignment without a submission; a submission that was first stands."""
        async with self._case.one_at_a_time:
            if self._over():
                return
            assigned = self._assigned.closed(outcome)
            await self._case.commit(self._view(assigned), self._case.entry(kind, "outcome", at=self._now()))
            self._assigned = assigned

    def _done(self, form: Form) -> Assessment | None:
        if self._act is None:
            return None
        return Assessment(form=form.id, author=self._act.person, digest=self._act.digest, facts=self._act.facts)
