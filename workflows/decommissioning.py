"""The end of a system: approval, disposal with evidence, closing record. Source: ISO/IEC 42001:2023, A.6.2.6."""

import asyncio
from datetime import datetime

from temporalio import workflow

from activities.evidence import EvidenceActivities
from aims.approval import Outcome
from aims.assignment import AssignmentOutcome
from aims.dossier import RETIREMENT
from aims.forms import FormPurpose
from aims.lifecycle import DecommissioningResult, LifeState
from aims.policy.evaluation import forms_for
from aims.record import Digest, Record
from aims.systems import Tier
from workflows import timing
from workflows.asking import StageRequest, approve, assign


class DecommissioningOutcome(Record):
    """How a decommissioning ended, and the digest of the archived closing record."""

    result: DecommissioningResult
    archive: Digest | None = None
    ended_at: datetime


@workflow.defn(name="Decommissioning")
class Decommissioning:
    """Started by the life cycle on request or after a review; ends with the archived record, or refused or expired."""

    @workflow.run
    async def run(self, request: StageRequest) -> DecommissioningOutcome:
        """Ask for the approval, then for the disposal steps, then archive what is known."""
        state = request.state
        number = state.round_of("decommissioning")
        approval = await approve(state, RETIREMENT, number=number)
        state = state.at(approval.ended_at)
        if approval.outcome is not Outcome.APPROVED:
            return self._ended(state, _not_approved(approval.outcome))
        forms = forms_for(state.snapshot.policy, FormPurpose.DISPOSAL, tier=state.tier or Tier.HIGH)
        asked = await asyncio.gather(*(assign(state, form, number=number) for form in forms))
        state = state.at(max([state.clock, *(one.ended_at for one in asked)]))
        if any(one.done is None for one in asked):
            expired = any(one.outcome is AssignmentOutcome.EXPIRED for one in asked)
            return self._ended(state, DecommissioningResult.EXPIRED if expired else DecommissioningResult.INTERRUPTED)
        archive = await workflow.execute_activity_method(
            EvidenceActivities.archive_case, state.system, summary="Archive the closing record", **timing.RECORD
        )
        return self._ended(state, DecommissioningResult.DECOMMISSIONED, archive=archive)

    @staticmethod
    def _ended(
        state: LifeState, result: DecommissioningResult, *, archive: Digest | None = None
    ) -> DecommissioningOutcome:
        return DecommissioningOutcome(result=result, archive=archive, ended_at=max(state.clock, workflow.now()))


def _not_approved(outcome: Outcome) -> DecommissioningResult:
    return {
        Outcome.EXPIRED: DecommissioningResult.EXPIRED,
        Outcome.WITHDRAWN: DecommissioningResult.INTERRUPTED,
    }.get(outcome, DecommissioningResult.REFUSED)
