"""An acknowledgement, and what is sent after it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.faults import Fault
from adapters.slack.actions import field_block
from adapters.slack.blocks import escaped
from adapters.slack.limits import SECTION, Block
from adapters.slack.views import View, notice_view
from aims.errors import AimsError
from api.slack.payloads import Actor
from api.slack.service import SlackDesk

ERROR_TEXT = 300
log = structlog.get_logger("aims.slack")


@dataclass(frozen=True)
class Answer:
    """The body of the acknowledgement, and what follows once Slack has it."""

    body: dict[str, Any] | None = None
    after: Callable[[], Awaitable[None]] | None = None


ACKNOWLEDGED = Answer()


def told(desk: SlackDesk, actor: Actor, *, text: str, channel: str = "") -> Answer:
    """Acknowledge, then say something that only this user sees."""
    return Answer(after=lambda: desk.messenger.tell(actor.user, text, channel=channel or None))


def opened(desk: SlackDesk, trigger: str, *, view: View) -> Answer:
    """Acknowledge, then open a modal."""
    return Answer(after=lambda: desk.messenger.open_view(trigger, view))


def replied(text: str, blocks: list[Block] | None = None) -> Answer:
    """Answer a slash command privately, in the acknowledgement itself; the text is already escaped."""
    return Answer({"response_type": "ephemeral", "text": text} | ({"blocks": blocks} if blocks else {}))


def shown(view: View) -> Answer:
    """Replace the modal that was submitted."""
    return Answer({"response_action": "update", "view": view})


def complained(error: AimsError, blocks: list[str]) -> Answer:
    """Answer a submitted modal with what is wrong: beside the inputs where it can, else on top of the modal."""
    named = {field_block(pointer.rsplit("/", 1)[-1]): said for pointer, said in error.fields.items()}
    beside = {block: escaped(said, ERROR_TEXT) for block, said in named.items() if block in blocks}
    if beside:
        return Answer({"response_action": "errors", "errors": beside})
    return Answer({"response_action": "push", "view": notice_view(error.title, error.sentence[:SECTION])})


async def follow(after: Callable[[], Awaitable[None]]) -> None:
    """Send what follows an acknowledgement; the act is stored already, so a lost answer loses nothing."""
    try:
        await after()
    except Fault as fault:
        log.warning("answer not delivered", problem=str(fault))
