"""Questionnaire to class and tier. Source: ISO/IEC 42001:2023, 4.1 and 6.1.2; AI Act, Art. 5 and 6."""

from datetime import datetime

from temporalio import workflow

from activities.ledger import LedgerActivities
from aims.assignment import AssignmentOutcome
from aims.dossier import Dossier, Standing, question_form
from aims.evidence import Entry
from aims.forms import FormPurpose
from aims.journal import Step, SystemChange
from aims.lifecycle import IntakeResult, LifeState
from aims.policy.evaluation import forms_for
from aims.record import PersonId, Record
from aims.systems import Tier
from workflows import ids
from workflows.asking import StageRequest, assign
from workflows.recording import recorded


class IntakeOutcome(Record):
    """How an intake ended, with the answers as they stand now."""

    result: IntakeResult
    dossier: Dossier
    ended_at: datetime


@workflow.defn(name="Intake")
class Intake:
    """Started by the life cycle; ends with a class and a tier, or refused when the use is prohibited.

    A later round first asks the requester to revise the answers. Unknown answers become a task of a governance role.
    When nobody answers, the intake expires.
    """

    @workflow.run
    async def run(self, request: StageRequest) -> IntakeOutcome:
        """Complete the answers, classify, record the verdict with all findings."""
        state = request.state
        result: IntakeResult | None = None
        if state.revising:
            state, result = await self._complete(state, FormPurpose.REVISION, person=state.requester)
        if result is None and state.standing().classification.open_questions:
            state, result = await self._complete(state, FormPurpose.CLARIFICATION, person=None)
        if result is None:
            standing = state.standing()
            await self._record(state, standing)
            result = IntakeResult.REFUSED if standing.tier.tier is Tier.PROHIBITED else IntakeResult.ACCEPTED
        return IntakeOutcome(result=result, dossier=state.dossier, ended_at=max(state.clock, workflow.now()))

    async def _complete(
        self, state: LifeState, purpose: FormPurpose, *, person: PersonId | None
    ) -> tuple[LifeState, IntakeResult | None]:
        """Return the state with further answers, or how the intake ends when they were not given."""
        policy = state.snapshot.policy
        revising = purpose is FormPurpose.REVISION
        questions = list(state.dossier.answers) if revising else state.standing().classification.open_questions
        template = forms_for(policy, purpose, tier=Tier.HIGH)[0]
        form = question_form(template, policy, questions=questions, unknown=revising)
        asked = await assign(state, form, number=state.round_of("intake"), person=person)
        if asked.outcome is AssignmentOutcome.SUBMITTED and asked.act:
            return state.at(asked.ended_at).learned(state.dossier.with_answers(asked.act)), None
        expired = asked.outcome is AssignmentOutcome.EXPIRED
        return state.at(asked.ended_at), IntakeResult.EXPIRED if expired else IntakeResult.INTERRUPTED

    async def _record(self, state: LifeState, standing: Standing) -> None:
        case = ids.process_id("intake", state.system, number=state.round_of("intake"))
        found = standing.classification
        entry = Entry(
            key=f"{case}:classified",
            system=state.system,
            case=case,
            kind="classified",
            actor=f"policy:{standing.tier.rules[0]}",
            occurred_at=max(state.clock, workflow.now()),
            policy_digest=state.snapshot.digest,
            facts={
                "class": found.risk_class,
                "tier": standing.tier.tier,
                "rules": standing.tier.rules,
                "findings": [finding.model_dump(mode="json") for finding in found.findings],
            },
        )
        change = SystemChange(
            key=state.system,
            tier=standing.tier.tier,
            risk_class=found.risk_class,
            findings=[finding.article for finding in found.findings],
            policy_digest=state.snapshot.digest,
        )
        await recorded(
            LedgerActivities.commit_step,
            Step(key=entry.key, entries=[entry], system=change),
            summary=f"Record class {found.risk_class}, tier {standing.tier.tier}",
        )
