"""People vote on something: stages in order, groups in parallel. Source: ISO/IEC 42001:2023, 5.3 and A.9.2."""

import asyncio
from datetime import datetime
from functools import partial

from pydantic import Field
from temporalio import workflow

from activities.ledger import LedgerActivities
from aims.acts import ActKind, SignedAct, VerifyKeys, verify
from aims.approval import ApprovalRule, ApprovalStage, Ballot, Outcome, Verdict, Vote
from aims.casefile import CaseIdentity, CaseView, approval_view
from aims.deadlines import Clock, Deadline, Due
from aims.errors import Invalid
from aims.openings import StageOpening
from aims.record import Digest, PersonId, Record
from workflows.casework import Casework
from workflows.deadline import watch
from workflows.recording import recorded


class ApprovalRequest(Record):
    """What is to be approved, by which rule, and who may not decide. `at` is the time of the case."""

    identity: CaseIdentity
    rule: ApprovalRule
    deadline: Deadline
    digest: Digest
    excluded: list[PersonId] = Field(default_factory=list)
    keys: VerifyKeys
    at: datetime


class ApprovalOutcome(Record):
    """How an approval ended, and the votes that decided it."""

    outcome: Outcome
    votes: list[Vote] = Field(default_factory=list)
    ended_at: datetime


class Receipt(Record):
    """The answer to an accepted act: how the case stands now that the act is in the ledger."""

    case: str
    outcome: str


@workflow.defn(name="Approval")
class Approval:
    """Started by the process that needs the vote; ends when the votes decide, at expiry, or when it is withdrawn.

    When nobody answers: one reminder, one escalation to the role that the policy names, then `expired`.
    """

    @workflow.init
    def __init__(self, request: ApprovalRequest) -> None:
        """Prepare the state before any message can arrive."""
        self._request = request
        self._case = Casework(request.identity)
        self._ballot = Ballot(rule=request.rule, digest=request.digest, excluded=request.excluded)
        self._clock = Clock(opened_at=self._now(), rule=request.deadline)
        self._escalated: list[str] = []

    @workflow.run
    async def run(self, request: ApprovalRequest) -> ApprovalOutcome:
        """Open stage after stage until the approval is decided."""
        try:
            if request.rule.automatic:
                await self._close(Outcome.APPROVED, "approved_by_policy", actor=f"policy:{request.rule.id}")
            while self._pending and (stage := self._ballot.next_stage()):
                await self._hold(stage)
        except asyncio.CancelledError:
            await self._close(Outcome.WITHDRAWN, "withdrawn")
        if not request.rule.automatic:
            await self._case.finish()
        return ApprovalOutcome(outcome=self._ballot.outcome, votes=self._ballot.votes, ended_at=self._now())

    @workflow.update
    async def decide(self, signed: SignedAct) -> Receipt:
        """Take one signed vote; answered when it is in the ledger.

        Raises:
            ApplicationError: Typed by the broken rule; nothing was changed.

        """
        return await self._case.answered(self._decided(signed), at=self._now())

    @decide.validator
    def _check_decide(self, signed: SignedAct) -> None:
        self._case.screened(lambda: self._screen(signed))

    @workflow.query
    def progress(self) -> CaseView:
        """Return how the approval stands."""
        return self._view(self._ballot)

    @property
    def _pending(self) -> bool:
        return self._ballot.outcome is Outcome.PENDING

    def _now(self) -> datetime:
        return max(self._request.at, workflow.now())

    def _view(self, ballot: Ballot) -> CaseView:
        view = approval_view(self._request.identity, ballot, opened_at=self._clock.opened_at, due_at=self._clock.due_at)
        return view.model_copy(update={"escalated": ballot.stage in self._escalated})

    def _known(self, signed: SignedAct) -> bool:
        return any(vote.act == signed.act.id for vote in self._ballot.votes)

    def _screen(self, signed: SignedAct) -> None:
        if not self._known(signed):
            self._ballot.booth().check(self._vote(signed))

    def _vote(self, signed: SignedAct) -> Vote:
        act = verify(signed, self._request.keys)
        if act.case != self._request.identity.id or act.kind is not ActKind.VOTE:
            raise Invalid("This act was meant for another case.")
        return Vote(
            act=act.id,
            stage=act.step,
            person=act.person,
            verdict=Verdict(act.verdict),
            digest=act.digest,
            at=self._now(),
            has_reason=act.has_reason,
        )

    async def _decided(self, signed: SignedAct) -> Receipt:
        vote = self._vote(signed)
        async with self._case.one_at_a_time:
            if not self._known(signed):
                await self._count(vote)
        return Receipt(case=self._request.identity.id, outcome=self._ballot.outcome)

    async def _count(self, vote: Vote) -> None:
        ballot = self._ballot.cast(vote)
        at, digest = self._now(), {"content_digest": vote.digest}
        entries = [
            self._case.entry(
                "vote_recorded",
                f"{vote.stage}:{vote.person}",
                at=at,
                actor=vote.person,
                verdict=vote.verdict,
                act=vote.act,
            ).model_copy(update=digest)
        ]
        if ballot.outcome is not Outcome.PENDING:
            end = self._case.entry(ballot.outcome, "outcome", at=at, actor=vote.person, votes=len(ballot.votes))
            entries.append(end.model_copy(update=digest))
        await self._case.commit(self._view(ballot), *entries, acts=(vote.act,))
        self._ballot = ballot
        if not self._stage_over():
            self._case.refresh(f"vote:{vote.act}")

    async def _hold(self, stage: ApprovalStage) -> None:
        """Open a stage and wait until it is decided or nobody acted in time."""
        self._clock = Clock(opened_at=self._now(), rule=self._request.deadline)
        async with self._case.one_at_a_time:
            await self._open(stage, escalated=False)
        self._clock = await watch(self._clock, until=self._stage_over, on_due=self._on_due)

    def _stage_over(self) -> bool:
        return not self._pending or self._ballot.stage_passed()

    async def _open(self, stage: ApprovalStage, *, escalated: bool) -> None:
        asked_before = self._ballot.open_panel.members() if escalated else []
        opening = StageOpening(
            identity=self._request.identity,
            ballot=self._ballot,
            stage=stage,
            escalated=escalated,
            at=self._now(),
            opened_at=self._clock.opened_at,
            due_at=self._clock.due_at,
        )
        panel = await recorded(LedgerActivities.open_approval_stage, opening, summary=f"Open stage {stage.id}")
        self._ballot = self._ballot.with_panel(panel)
        self._case.show(self._view(self._ballot), overdue=escalated)
        asked = [person for person in self._ballot.pending() if person not in asked_before]
        self._case.ask(asked, f"ask:{stage.id}", unreached=None if escalated else partial(self._escalate, stage.id))

    async def _on_due(self, due: Due) -> None:
        if due is Due.ESCALATE:
            await self._escalate(self._ballot.stage)
        elif due is Due.EXPIRE:
            await self._close(Outcome.EXPIRED, "expired")
        else:
            await self._remind()

    async def _escalate(self, name: str) -> None:
        """Ask further people, once a stage: when time has passed, or when somebody cannot be reached."""
        async with self._case.one_at_a_time:
            if name != self._ballot.stage or self._stage_over() or name in self._escalated:
                return
            self._escalated.append(name)
            stage = next(one for one in self._request.rule.stages if one.id == name)
            await self._open(stage, escalated=True)

    async def _remind(self) -> None:
        async with self._case.one_at_a_time:
            if self._stage_over():
                return
            name = self._ballot.stage
            await self._case.commit(self._view(self._ballot), self._case.entry("reminder_due", name, at=self._now()))
            self._case.remind(self._ballot.pending(), f"remind:{name}")

    async def _close(self, outcome: Outcome, kind: str, *, actor: str = "system") -> None:
        """End the approval from outside the votes; a vote that was first stands."""
        async with self._case.one_at_a_time:
            if not self._pending or (outcome is Outcome.EXPIRED and self._stage_over()):
                return
            ballot = self._ballot.closed(outcome)
            await self._case.commit(self._view(ballot), self._case.entry(kind, "outcome", at=self._now(), actor=actor))
            self._ballot = ballot
