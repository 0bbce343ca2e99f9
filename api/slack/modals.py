"""Submitted modals: each becomes one act, or is answered beside the input that is wrong."""

from pydantic import ValidationError

from adapters.slack.actions import PressValue, SlackId, SystemDraft
from adapters.slack.submissions import answers_of, content_of, draft_of, text_of
from adapters.slack.views import questionnaire_view, working_view
from aims.approval import Verdict
from aims.errors import AimsError, Invalid, KeyTaken, NotFound
from aims.record import PersonId
from api.requests import NewSystem, SubmissionRequest, VoteRequest
from api.slack.answers import ACKNOWLEDGED, Answer, complained, shown
from api.slack.payloads import Submission
from api.slack.service import SlackDesk, Visit

_VERDICTS = {SlackId.REASON_REJECT: Verdict.REJECT, SlackId.REASON_CHANGES: Verdict.REQUEST_CHANGES}


async def on_submission(visit: Visit, submission: Submission) -> Answer:
    """Answer a submitted modal; what breaks a rule leaves what was typed in place."""
    try:
        return await _submitted(visit, submission)
    except AimsError as error:
        return complained(error, submission.blocks)
    except ValidationError:
        return complained(Invalid("Something here is longer than it may be. Shorten it."), submission.blocks)


async def _submitted(visit: Visit, submission: Submission) -> Answer:
    match submission.callback:
        case SlackId.NEW_SYSTEM:
            return await _described(visit.desk, submission)
        case SlackId.NEW_ANSWERS:
            return await _requested(visit, submission)
        case SlackId.REASON_REJECT | SlackId.REASON_CHANGES:
            return await _reasoned(visit, submission)
        case SlackId.FORM:
            return await _filled_in(visit, submission)
    return ACKNOWLEDGED


async def _described(desk: SlackDesk, submission: Submission) -> Answer:
    draft = draft_of(submission.values)
    await _owner(desk, draft)
    await _refuse_taken(desk, draft.key)
    questionnaire = (await desk.policies.in_force()).policy.questionnaire
    return shown(questionnaire_view(questionnaire, draft))


async def _requested(visit: Visit, submission: Submission) -> Answer:
    draft = SystemDraft.decode(submission.metadata)
    questionnaire = (await visit.desk.policies.in_force()).policy.questionnaire
    request = NewSystem(
        key=draft.key,
        name=draft.name,
        purpose=draft.purpose,
        owner=await _owner(visit.desk, draft),
        unit=draft.unit,
        answers=answers_of(submission.values, questionnaire),
    )
    await visit.desk.entrance.start(visit.person, request, source=visit.source)
    return shown(working_view(f"{draft.name} is requested."))


async def _reasoned(visit: Visit, submission: Submission) -> Answer:
    value = PressValue.decode(submission.metadata)
    vote = VoteRequest(
        case=value.case,
        step=value.step,
        digest=value.digest,
        verdict=_VERDICTS[SlackId(submission.callback)],
        reason=text_of(submission.values, "reason"),
    )
    await visit.desk.entrance.vote(visit.person, vote, source=visit.source)
    return shown(working_view("Your decision is taken."))


async def _filled_in(visit: Visit, submission: Submission) -> Answer:
    case = await visit.desk.register.case(PressValue.decode(submission.metadata).case)
    if case.form is None:
        raise Invalid("This case asks for a decision, not for a form.")
    request = SubmissionRequest(case=case.id, content=content_of(submission.values, case.form))
    await visit.desk.entrance.submit(visit.person, request, source=visit.source)
    return shown(working_view(f"{case.form.title} is submitted."))


async def _owner(desk: SlackDesk, draft: SystemDraft) -> PersonId | None:
    if not draft.owner_email:
        return None
    owner = await desk.people.by_email(draft.owner_email)
    if owner is None or not owner.active:
        raise Invalid(
            "The owner is not known.", fields={"/owner": "nobody of the organisation has this e-mail address"}
        )
    return owner.id


async def _refuse_taken(desk: SlackDesk, key: str) -> None:
    try:
        await desk.register.profile(key)
    except NotFound:
        return
    raise KeyTaken("An AI system with this key exists.", fields={"/key": "is taken; choose another"})
