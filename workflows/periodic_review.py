"""A system in operation is looked at again. Source: ISO/IEC 42001:2023, 9.1 and A.6.2.6."""

from datetime import datetime

from temporalio import workflow

from aims.assignment import AssignmentOutcome
from aims.forms import FormPurpose
from aims.lifecycle import ReviewResult
from aims.policy.evaluation import forms_for
from aims.record import Record
from aims.systems import Tier
from workflows.asking import StageRequest, assign


class ReviewOutcome(Record):
    """How a periodic review ended."""

    result: ReviewResult
    ended_at: datetime


@workflow.defn(name="PeriodicReview")
class PeriodicReview:
    """Started by the life cycle when a review is due; ends with the reviewer's conclusion, or missed.

    When nobody answers: one reminder, one escalation, then the review is missed and the system is suspended.
    """

    @workflow.run
    async def run(self, request: StageRequest) -> ReviewOutcome:
        """Ask the reviewer and return the conclusion."""
        state = request.state
        form = forms_for(state.snapshot.policy, FormPurpose.REVIEW, tier=state.tier or Tier.HIGH)[0]
        asked = await assign(state, form, number=state.round_of("periodic_review"))
        if asked.done:
            result = ReviewResult(str(asked.done.facts["conclusion"]))
        else:
            expired = asked.outcome is AssignmentOutcome.EXPIRED
            result = ReviewResult.MISSED if expired else ReviewResult.INTERRUPTED
        return ReviewOutcome(result=result, ended_at=asked.ended_at)
