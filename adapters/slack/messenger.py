"""Conversations in Slack. Posting is not idempotent there, so every message carries its marker as a block id."""

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient

from adapters.faults import PermanentFault
from adapters.slack.blocks import escaped, marker_block, render
from adapters.slack.client import SlackRefused, answered
from adapters.slack.limits import FALLBACK
from aims.conversation import Card, MessageRef
from aims.record import PersonId

CASES = "cases"
PERSON = "person:"
PAGE = 200
# Bounds the search for a lost answer: the newest 2,000 messages of a channel.
PAGES = 10
# Our clock and Slack's need not agree.
SKEW_SECONDS = 60.0
NAMESPACE = uuid.UUID("6f3f0e7c-1f0e-5f0a-9a53-3f2b6c1d7a10")
GONE = {"message_not_found"}
NOT_IN_CHANNEL = {"user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived"}


class Users(Protocol):
    """Where the Slack users of people are known."""

    async def user_of(self, person: PersonId) -> str:
        """Return the Slack user of a person."""


class SlackMessenger:
    """Posts, finds and edits cards as the app's bot; fits the port of the same name."""

    def __init__(self, client: AsyncWebClient, users: Users, *, channel: str) -> None:
        self._client = client
        self._users = users
        self._cases = channel

    async def post(self, to: str, card: Card, *, marker: str, thread: MessageRef | None = None) -> MessageRef:
        """Post a card to a person or to the channel of the cases."""
        channel = await self._channel(to)
        rendered = render(card, marker=marker)
        opaque = marker_block(marker)
        sent = await answered(
            self._client.chat_postMessage(
                channel=channel,
                text=rendered.text,
                blocks=rendered.blocks,
                thread_ts=thread.ts if thread and thread.channel == channel else None,
                client_msg_id=str(uuid.uuid5(NAMESPACE, marker)),
                metadata={"event_type": "aims_card", "event_payload": {"id": opaque}},
                **_QUIET,
            )
        )
        return MessageRef(channel=str(sent["channel"]), ts=str(sent["ts"]))

    async def find(self, to: str, *, marker: str, since: datetime) -> MessageRef | None:
        """Return the message or reply that carries the marker, if one was posted since the instant."""
        channel = await self._channel(to)
        oldest = since.timestamp() - SKEW_SECONDS
        wanted = marker_block(marker)
        # An old message of the channel may have got a new reply; in a direct conversation nobody looks for those.
        async for message in self._history(channel, oldest=0.0 if to == CASES else oldest):
            if _carries(message, wanted) and float(message["ts"]) >= oldest:
                return MessageRef(channel=channel, ts=str(message["ts"]))
            if float(message.get("latest_reply", 0)) >= oldest:
                async for reply in self._replies(channel, str(message["ts"]), oldest=oldest):
                    if _carries(reply, wanted):
                        return MessageRef(channel=channel, ts=str(reply["ts"]))
        return None

    async def edit(self, ref: MessageRef, card: Card, *, marker: str) -> None:
        """Replace a posted message; a message that is gone is no fault."""
        rendered = render(card, marker=marker)
        try:
            await answered(
                self._client.chat_update(
                    channel=ref.channel, ts=ref.ts, text=rendered.text, blocks=rendered.blocks, **_LITERAL
                )
            )
        except SlackRefused as refusal:
            if refusal.code not in GONE:
                raise

    async def tell(self, user: str, text: str, *, channel: str | None = None) -> None:
        """Say something that only one Slack user sees: in the channel, or else directly."""
        said = escaped(text, FALLBACK)
        if channel:
            try:
                await answered(self._client.chat_postEphemeral(channel=channel, user=user, text=said, **_LITERAL))
            except SlackRefused as refusal:
                if refusal.code not in NOT_IN_CHANNEL:
                    raise
            else:
                return
        await answered(self._client.chat_postMessage(channel=await self._direct(user), text=said, **_QUIET))

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal; the trigger lives for 3 seconds."""
        await answered(self._client.views_open(trigger_id=trigger, view=dict(view)))

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Replace the App Home of a Slack user."""
        await answered(self._client.views_publish(user_id=user, view=dict(view)))

    async def _channel(self, to: str) -> str:
        if to == CASES:
            return self._cases
        if not to.startswith(PERSON):
            raise PermanentFault(f"Messages go to '{CASES}' or '{PERSON}<id>', not to '{to}'.")
        return await self._direct(await self._users.user_of(to.removeprefix(PERSON)))

    async def _direct(self, user: str) -> str:
        opened = await answered(self._client.conversations_open(users=user))
        return str(opened["channel"]["id"])

    async def _history(self, channel: str, *, oldest: float) -> AsyncIterator[Mapping[str, Any]]:
        cursor: str | None = None
        for _ in range(PAGES):
            page = await answered(
                self._client.conversations_history(channel=channel, oldest=f"{oldest:.6f}", limit=PAGE, cursor=cursor)
            )
            for message in page["messages"]:
                yield message
            cursor = _next(page.get("response_metadata"))
            if not cursor:
                return

    async def _replies(self, channel: str, root: str, *, oldest: float) -> AsyncIterator[Mapping[str, Any]]:
        cursor: str | None = None
        for _ in range(PAGES):
            page = await answered(
                self._client.conversations_replies(
                    channel=channel, ts=root, oldest=f"{oldest:.6f}", limit=PAGE, cursor=cursor
                )
            )
            for reply in page["messages"]:
                if reply["ts"] != root and float(reply["ts"]) >= oldest:
                    yield reply
            cursor = _next(page.get("response_metadata"))
            if not cursor:
                return


_LITERAL: dict[str, Any] = {"parse": "none", "link_names": False}
_QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, **_LITERAL}


def _carries(message: Mapping[str, Any], wanted: str) -> bool:
    blocks = message.get("blocks") or [{}]
    return bool(blocks[0].get("block_id") == wanted)


def _next(metadata: Any) -> str | None:
    return (metadata or {}).get("next_cursor") or None
