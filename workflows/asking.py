"""How a stage asks people: it starts the two shared children and waits for them."""

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

from aims.approval import ApprovalRule
from aims.casefile import CaseIdentity
from aims.dossier import voted_digest
from aims.forms import Form
from aims.lifecycle import LifeState
from aims.policy.evaluation import approval_for, deadline_named
from aims.record import PersonId, Record
from aims.systems import Tier
from workflows import ids, visibility
from workflows.approval import Approval, ApprovalOutcome, ApprovalRequest
from workflows.assignment import Assignment, AssignmentRequest, AssignmentResult


class StageRequest(Record):
    """What every stage process starts with: the life as it stands. The round is the one begun last."""

    state: LifeState


async def assign(state: LifeState, form: Form, *, number: int, person: PersonId | None = None) -> AssignmentResult:
    """Ask for a form and return how that ended. The number makes the assignment's id unique for the system."""
    case = ids.assignment_id(form.id, state.system, number=number)
    request = AssignmentRequest(
        identity=_identity(state, case, process="assignment", subject=form.id),
        form=form,
        person=person,
        deadline=deadline_named(state.snapshot.policy, form.deadline),
        digest=voted_digest(state.snapshot, state.dossier, subject=form.id),
        keys=state.keys,
        at=state.clock,
    )
    return await workflow.execute_child_workflow(
        Assignment.run,
        request,
        id=case,
        static_summary=f"{form.title} for {state.system}",
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        search_attributes=visibility.starting(
            system=state.system, process="assignment", stage=state.stage, unit=state.unit
        ),
    )


async def approve(state: LifeState, subject: str, *, number: int) -> ApprovalOutcome:
    """Ask for the approval of a subject and return how that ended."""
    rule = approval_for(state.snapshot.policy, subject, tier=state.tier or Tier.HIGH)
    case = ids.approval_id(subject, state.system, number=number)
    return await workflow.execute_child_workflow(
        Approval.run,
        _approval_request(state, rule, case=case),
        id=case,
        static_summary=f"Approval of {subject} for {state.system}",
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        search_attributes=visibility.starting(
            system=state.system, process="approval", stage=state.stage, unit=state.unit
        ),
    )


def _approval_request(state: LifeState, rule: ApprovalRule, *, case: str) -> ApprovalRequest:
    part = state.dossier.voted_under(rule.subject, state.snapshot.policy)
    excluded = dict.fromkeys([state.requester, state.owner, *part.authors()])
    return ApprovalRequest(
        identity=_identity(state, case, process="approval", subject=rule.subject),
        rule=rule,
        deadline=deadline_named(state.snapshot.policy, rule.deadline),
        digest=voted_digest(state.snapshot, state.dossier, subject=rule.subject),
        excluded=list(excluded),
        keys=state.keys,
        at=state.clock,
    )


def _identity(state: LifeState, case: str, *, process: str, subject: str) -> CaseIdentity:
    return CaseIdentity(
        id=case, process=process, subject=subject, system=state.system, policy_digest=state.snapshot.digest
    )
