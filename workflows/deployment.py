"""Checklists with evidence, then sign-off. Source: ISO/IEC 42001:2023, A.6.2.4 and A.6.2.5."""

import asyncio
from datetime import datetime

from pydantic import Field
from temporalio import workflow

from aims.approval import Outcome
from aims.assignment import AssignmentOutcome
from aims.dossier import DEPLOYMENT, Assessment
from aims.forms import FormPurpose
from aims.lifecycle import LifeState
from aims.policy.evaluation import forms_for
from aims.record import Record
from aims.systems import Tier
from workflows.asking import StageRequest, approve, assign


class DeploymentOutcome(Record):
    """How a sign-off ended, with the checklists that were submitted."""

    outcome: Outcome
    assessments: list[Assessment] = Field(default_factory=list)
    ended_at: datetime


@workflow.defn(name="DeploymentSignOff")
class DeploymentSignOff:
    """Started by the life cycle after the approval of use; ends with the sign-off, or expired when nobody acts."""

    @workflow.run
    async def run(self, request: StageRequest) -> DeploymentOutcome:
        """Ask for the checklists of the tier, then for the sign-off on all of it."""
        state = request.state
        number = state.round_of("deployment_sign_off")
        forms = forms_for(state.snapshot.policy, FormPurpose.CHECKLIST, tier=state.tier or Tier.HIGH)
        asked = await asyncio.gather(*(assign(state, form, number=number) for form in forms))
        done = [one.done for one in asked if one.done]
        state = state.at(max([state.clock, *(one.ended_at for one in asked)])).assessed(done)
        if len(done) < len(forms):
            expired = any(one.outcome is AssignmentOutcome.EXPIRED for one in asked)
            return self._ended(state, done, outcome=Outcome.EXPIRED if expired else Outcome.WITHDRAWN)
        approval = await approve(state, DEPLOYMENT, number=number)
        return self._ended(state.at(approval.ended_at), done, outcome=approval.outcome)

    @staticmethod
    def _ended(state: LifeState, done: list[Assessment], *, outcome: Outcome) -> DeploymentOutcome:
        return DeploymentOutcome(outcome=outcome, assessments=done, ended_at=max(state.clock, workflow.now()))
