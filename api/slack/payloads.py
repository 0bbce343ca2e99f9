"""What Slack sends, whatever the address it was sent to: one typed value for each kind of request."""

import json
from typing import Annotated, Any
from urllib.parse import parse_qs

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from aims.errors import Invalid
from aims.record import Record

MOST_FIELDS = 100
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")]
OptionalId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]{0,64}$"), BeforeValidator(lambda given: given or "")
]
Word = Annotated[str, StringConstraints(max_length=255), BeforeValidator(lambda given: given or "")]


class Actor(Record):
    """Who acts, by the ids that Slack signed."""

    enterprise: OptionalId = ""
    team: Id
    user: Id


class Command(Record):
    """A slash command."""

    actor: Actor
    channel: OptionalId
    text: str
    trigger: Word


class Press(Record):
    """A press on a button of a message or of the App Home."""

    actor: Actor
    channel: OptionalId
    action: Word
    value: str
    at: Word
    trigger: Word


class Submission(Record):
    """A submitted modal; `blocks` are the ids of its blocks, in order."""

    actor: Actor
    callback: Word
    view: Word
    metadata: str
    values: dict[str, dict[str, Any]]
    blocks: list[str]


class HomeOpened(Record):
    """A person opened the App Home."""

    actor: Actor


class Challenge(Record):
    """Slack asks whether this address is ours."""

    challenge: str = Field(max_length=1000)


class Ignored(Record):
    """Something that needs no answer but a 200."""


Payload = Command | Press | Submission | HomeOpened | Challenge | Ignored


def parse(body: bytes) -> Payload:
    """Return what a verified body says.

    Raises:
        Invalid: When it is none of the requests that Slack documents.

    """
    try:
        text = body.decode()
        if text.lstrip().startswith("{"):
            return _event(json.loads(text))
        form = {name: values[-1] for name, values in parse_qs(text, max_num_fields=MOST_FIELDS).items()}
        return _interaction(json.loads(form["payload"])) if "payload" in form else _command(form)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as cause:
        raise Invalid("This is not a request that Slack sends.") from cause


def _event(raw: dict[str, Any]) -> Payload:
    if raw.get("type") == "url_verification":
        return Challenge(challenge=raw["challenge"])
    event = raw["event"]
    if event["type"] != "app_home_opened" or event.get("tab", "home") != "home":
        return Ignored()
    return HomeOpened(actor=Actor(enterprise=raw.get("enterprise_id"), team=raw["team_id"], user=event["user"]))


def _command(form: dict[str, str]) -> Payload:
    return Command(
        actor=Actor(enterprise=form.get("enterprise_id"), team=form["team_id"], user=form["user_id"]),
        channel=form.get("channel_id"),
        text=form.get("text", ""),
        trigger=form["trigger_id"],
    )


def _interaction(raw: dict[str, Any]) -> Payload:
    if raw["type"] == "block_actions":
        return _press(raw)
    return _submission(raw) if raw["type"] == "view_submission" else Ignored()


def _press(raw: dict[str, Any]) -> Payload:
    action = raw["actions"][0]
    return Press(
        actor=_actor(raw),
        channel=(raw.get("channel") or {}).get("id"),
        action=action["action_id"],
        value=action.get("value") or "",
        at=action["action_ts"],
        trigger=raw.get("trigger_id"),
    )


def _submission(raw: dict[str, Any]) -> Payload:
    view = raw["view"]
    return Submission(
        actor=_actor(raw),
        callback=view["callback_id"],
        view=view["id"],
        metadata=view.get("private_metadata") or "",
        values=view["state"]["values"],
        blocks=[block.get("block_id") or "" for block in view["blocks"]],
    )


def _actor(raw: dict[str, Any]) -> Actor:
    # In a channel shared between workspaces the user's own one counts.
    user = raw["user"]
    team = user.get("team_id") or (raw.get("team") or {}).get("id")
    return Actor(enterprise=(raw.get("enterprise") or {}).get("id"), team=team, user=user["id"])
