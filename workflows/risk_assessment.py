"""The assessments that a tier owes, in parallel. Source: ISO/IEC 42001:2023, 6.1.2, 6.1.4, 8.2 and 8.4."""

import asyncio
from datetime import datetime

from pydantic import Field
from temporalio import workflow

from activities.ledger import LedgerActivities
from aims.assignment import AssignmentOutcome
from aims.dossier import Assessment
from aims.evidence import Entry
from aims.forms import Form, FormPurpose
from aims.journal import Step, SystemChange
from aims.lifecycle import AssessmentResult, LifeState
from aims.policy.evaluation import forms_for
from aims.record import Record
from aims.systems import Tier
from workflows import ids
from workflows.asking import StageRequest, assign
from workflows.recording import recorded


class RiskAssessmentOutcome(Record):
    """How a risk assessment ended, with what was submitted."""

    result: AssessmentResult
    assessments: list[Assessment] = Field(default_factory=list)
    ended_at: datetime


@workflow.defn(name="RiskAssessment")
class RiskAssessment:
    """Started by the life cycle; ends when every assessment that the tier owes is submitted, or one expired.

    A score that raises the tier makes further assessments due in the same round.
    """

    @workflow.run
    async def run(self, request: StageRequest) -> RiskAssessmentOutcome:
        """Ask for what is due until nothing more is due, then record the rating."""
        state, done, result = request.state, list[Assessment](), AssessmentResult.ASSESSED
        while result is AssessmentResult.ASSESSED and (due := self._due(state, done)):
            state, fresh, result = await self._ask(state, due)
            done.extend(fresh)
        if result is AssessmentResult.ASSESSED:
            await self._record(state)
        return RiskAssessmentOutcome(result=result, assessments=done, ended_at=max(state.clock, workflow.now()))

    @staticmethod
    def _due(state: LifeState, done: list[Assessment]) -> list[Form]:
        submitted = [one.form for one in done]
        forms = forms_for(state.snapshot.policy, FormPurpose.ASSESSMENT, tier=state.tier or Tier.HIGH)
        return [form for form in forms if form.id not in submitted]

    @staticmethod
    async def _ask(state: LifeState, due: list[Form]) -> tuple[LifeState, list[Assessment], AssessmentResult]:
        number = state.round_of("risk_assessment")
        asked = await asyncio.gather(*(assign(state, form, number=number) for form in due))
        done = [one.done for one in asked if one.done]
        state = state.at(max(one.ended_at for one in asked)).assessed(done)
        if len(done) == len(due):
            return state, done, AssessmentResult.ASSESSED
        expired = any(one.outcome is AssignmentOutcome.EXPIRED for one in asked)
        return state, done, AssessmentResult.EXPIRED if expired else AssessmentResult.INTERRUPTED

    @staticmethod
    async def _record(state: LifeState) -> None:
        case = ids.process_id("risk_assessment", state.system, number=state.round_of("risk_assessment"))
        standing = state.standing()
        entry = Entry(
            key=f"{case}:risk_assessed",
            system=state.system,
            case=case,
            kind="risk_assessed",
            actor=f"policy:{standing.tier.rules[0]}",
            occurred_at=max(state.clock, workflow.now()),
            policy_digest=state.snapshot.digest,
            facts={
                "tier": standing.tier.tier,
                "rules": standing.tier.rules,
                "risk": standing.risk.model_dump(mode="json") if standing.risk else None,
                "forms": [one.form for one in state.dossier.assessments],
            },
        )
        change = SystemChange(key=state.system, tier=standing.tier.tier)
        await recorded(
            LedgerActivities.commit_step,
            Step(key=entry.key, entries=[entry], system=change),
            summary="Record the risk rating",
        )
