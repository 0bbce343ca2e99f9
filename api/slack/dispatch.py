"""From a verified payload to its answer: who asks, what they ask, what a stranger is told."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from adapters.slack.actions import case_named
from adapters.slack.blocks import escaped
from adapters.slack.limits import SECTION
from adapters.slack.views import notice_view
from adapters.slack.views_home import home_view, stranger_home
from aims.errors import AimsError, UnknownPerson
from api.slack.answers import ACKNOWLEDGED, Answer, replied, told
from api.slack.commands import on_command
from api.slack.identity import person_of, source_of
from api.slack.modals import on_submission
from api.slack.payloads import Challenge, Command, HomeOpened, Ignored, Payload, Press, Submission
from api.slack.presses import on_press
from api.slack.service import SlackDesk, Visit

Request = Command | Press | Submission | HomeOpened


async def dispatch(desk: SlackDesk, payload: Payload) -> Answer:
    """Return the answer to what Slack sent; a broken rule is an answer, too, and only its person sees it."""
    if isinstance(payload, Challenge):
        return Answer({"challenge": payload.challenge})
    if isinstance(payload, Ignored):
        return ACKNOWLEDGED
    try:
        return await _handled(desk, payload)
    except AimsError as error:
        return _refusal(desk, payload, error=error)


async def _handled(desk: SlackDesk, payload: Request) -> Answer:
    source = source_of(payload.actor, _event_of(payload), channel=getattr(payload, "channel", ""))
    try:
        person = await person_of(desk, payload.actor)
    except UnknownPerson as error:
        if not isinstance(payload, HomeOpened):
            await desk.entrance.refused(None, _case_of(payload), error=error, source=source)
        raise
    visit = Visit(desk=desk, person=person, source=source)
    if isinstance(payload, Command):
        return await on_command(visit, payload)
    if isinstance(payload, Press):
        return await on_press(visit, payload)
    if isinstance(payload, Submission):
        return await on_submission(visit, payload)
    return await _home(visit, payload)


def _event_of(payload: Request) -> str:
    if isinstance(payload, Press):
        return payload.at
    if isinstance(payload, Submission):
        return payload.view
    return payload.trigger if isinstance(payload, Command) else "home"


def _case_of(payload: Request) -> str:
    if isinstance(payload, Press):
        return case_named(payload.value)
    return case_named(payload.metadata) if isinstance(payload, Submission) else ""


def _refusal(desk: SlackDesk, payload: Request, *, error: AimsError) -> Answer:
    if isinstance(payload, Command):
        return replied(escaped(error.sentence, SECTION))
    if isinstance(payload, Press):
        return told(desk, payload.actor, text=error.sentence, channel=payload.channel)
    if isinstance(payload, Submission):
        return Answer({"response_action": "update", "view": notice_view(error.title, error.sentence)})
    return Answer(after=_published(desk, payload.actor.user, view=stranger_home(error.sentence)))


async def _home(visit: Visit, opened: HomeOpened) -> Answer:
    desk, person = visit.desk, visit.person
    owed, owned = await desk.register.owed(person.id), await desk.register.owned(person.id)
    view = home_view(owed, owned, now=datetime.fromtimestamp(desk.clock(), UTC))
    return Answer(after=_published(desk, opened.actor.user, view=view))


def _published(desk: SlackDesk, user: str, *, view: dict[str, object]) -> Callable[[], Awaitable[None]]:
    return lambda: desk.messenger.publish_home(user, view)
