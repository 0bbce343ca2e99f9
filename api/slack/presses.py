"""Presses on buttons: a vote at once, or the modal that asks for more."""

from adapters.slack.actions import PressValue, SlackId, case_named
from adapters.slack.views import form_view, reason_view
from aims.approval import Verdict
from aims.errors import AimsError, Closed, NotAssigned
from api.requests import VoteRequest
from api.slack.answers import ACKNOWLEDGED, Answer, opened, told
from api.slack.payloads import Press
from api.slack.service import Visit

TAKEN = "Taken: you approve. It is recorded and being worked on; the message changes when it counts."
REPEATED = "You pressed this before; it was taken once."
_ASKS_WHY = {SlackId.REJECT: Verdict.REJECT, SlackId.REQUEST_CHANGES: Verdict.REQUEST_CHANGES}
OURS = {SlackId.APPROVE, SlackId.OPEN_FORM, *_ASKS_WHY}


async def on_press(visit: Visit, press: Press) -> Answer:
    """Answer a press on one of our buttons; a link in a card is only acknowledged."""
    if press.action not in OURS:
        return ACKNOWLEDGED
    try:
        value = PressValue.decode(press.value)
        if press.action == SlackId.OPEN_FORM:
            return await _form(visit, press, value=value)
    except AimsError as error:
        await visit.desk.entrance.refused(visit.person, case_named(press.value), error=error, source=visit.source)
        raise
    if press.action == SlackId.APPROVE:
        return await _approve(visit, press, value=value)
    return opened(visit.desk, press.trigger, view=reason_view(value, _ASKS_WHY[SlackId(press.action)]))


async def _approve(visit: Visit, press: Press, *, value: PressValue) -> Answer:
    vote = VoteRequest(case=value.case, step=value.step, digest=value.digest, verdict=Verdict.APPROVE)
    taken = await visit.desk.entrance.vote(visit.person, vote, source=visit.source)
    return told(visit.desk, press.actor, text=REPEATED if taken.repeated else TAKEN, channel=press.channel)


async def _form(visit: Visit, press: Press, *, value: PressValue) -> Answer:
    case = await visit.desk.register.case(value.case)
    if not case.open or case.form is None:
        raise Closed("This is closed, so there is nothing to fill in. Nothing was changed.")
    if visit.person.id not in case.pending:
        raise NotAssigned("You are not among the people who are asked for this, so nothing was changed.")
    return opened(visit.desk, press.trigger, view=form_view(case.form, case))
