"""Acts in the local Slack stand-in as people would: commands, presses, modals, reading."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp

View = Mapping[str, Any]
PATIENCE = timedelta(seconds=15)
POLL_SECONDS = 0.05


class StandFailed(Exception):
    """The stand-in did not show what was waited for; the message says what it shows instead."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as people see it. `seen_by` is the only reader, empty when everybody reads it."""

    channel: str
    ts: str
    text: str = ""
    blocks: Sequence[View] = ()
    thread_ts: str = ""
    seen_by: str = ""

    @property
    def shown(self) -> str:
        """All text of the message: that of its blocks, and that of the notification."""
        return "\n".join([self.text, *_texts(list(self.blocks))])

    @property
    def buttons(self) -> dict[str, View]:
        """The buttons by their labels."""
        return {element["text"]["text"]: element for element in _buttons(self.blocks)}


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What a submitted modal led to: complaints by block, or the view shown next, if any."""

    errors: Mapping[str, str] = field(default_factory=dict)
    view: View | None = None

    @property
    def shown(self) -> str:
        """All text of the view shown next."""
        return "\n".join(_texts(dict(self.view or {})))


class SlackStand:
    """A running stand-in. It has one stack of modals for all its people: fill in one modal at a time."""

    def __init__(self, base_url: str) -> None:
        self._url = base_url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def command(self, user: str, text: str, *, channel: str, command: str = "/aims") -> None:
        """Type a slash command; returns when the app has acknowledged it."""
        await self._control("command", {"user": user, "channel": channel, "command": command, "text": text})

    async def press(self, user: str, message: Message, *, label: str) -> None:
        """Press the button with this label; returns when the app has acknowledged it.

        Raises:
            StandFailed: When the message has no such button.

        """
        if label not in message.buttons:
            raise StandFailed(f"There is no button '{label}' on: {message.shown}")
        button = dict(message.buttons[label])
        block = next(b for b in message.blocks if button in (*b.get("elements", ()), b.get("accessory")))
        action = {**button, "block_id": block.get("block_id", "")}
        where = {"channel": message.channel, "messageTs": message.ts, "user": user}
        await self._control("interact", {**where, "action": action})

    async def open_home(self, user: str) -> None:
        """Open the App Home."""
        await self._control("open-home", {"user": user})

    async def home(self, user: str, *, within: timedelta = PATIENCE) -> str:
        """Return all text of a user's App Home once it is published."""
        async for state in self._states(within):
            for view in state["homeViews"].get(user, {}).values():
                return "\n".join(_texts(view))
        raise StandFailed(f"No App Home was published for {user}.")

    async def direct(self, user: str) -> str:
        """Return the channel of a user's conversation with the app; empty when there is none yet."""
        state = await self._get("state")
        own = (each for each in state["channels"] if each["is_im"] and user in each["members"])
        return next((str(each["id"]) for each in own), "")

    async def messages(self, channel: str) -> list[Message]:
        """Return the messages of a channel, oldest first."""
        if not channel:
            return []
        return [_message(raw) for raw in (await self._get(f"messages/{channel}"))["messages"]]

    async def wait_for(
        self, channel: str, wanted: Callable[[Message], bool], *, within: timedelta = PATIENCE
    ) -> Message:
        """Return the newest message that fits, as soon as there is one; a user id means the direct conversation.

        Raises:
            StandFailed: When none comes in time.

        """
        until = time.monotonic() + within.total_seconds()
        while True:
            seen = await self.messages(await self.direct(channel) if channel.startswith("U") else channel)
            found = [message for message in seen if wanted(message)]
            if found:
                return found[-1]
            if time.monotonic() > until:
                raise StandFailed(f"No such message in {channel}. The last ones: {[m.shown for m in seen[-3:]]}")
            await asyncio.sleep(POLL_SECONDS)

    async def modal(self, callback: str, *, within: timedelta = PATIENCE) -> View:
        """Return the modal on top once it is the one with this callback id.

        Raises:
            StandFailed: When it does not open in time.

        """
        top: View = {}
        async for state in self._states(within):
            top = state["modalStack"][-1] if state["modalStack"] else {}
            if top.get("callback_id") == callback:
                return top
        raise StandFailed(f"The modal '{callback}' did not open; on top is: {list(_texts(dict(top)))[:5]}")

    async def submit(self, user: str, view: View, *, entered: Mapping[str, str | Sequence[str]]) -> Submitted:
        """Fill in and submit the modal on top; `entered` is by field name, choices by their text or value.

        Raises:
            StandFailed: When the modal has no such input or choice.

        """
        values = _values(view, entered)
        async with self._session.ws_connect(f"{self._url}/ui") as page:
            await page.receive_json()
            await page.send_json({"t": "view_submit", "user": user, "values": values})
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while True:
                    told = await page.receive_json()
                    if told["t"] == "view_errors":
                        return Submitted(errors=told["errors"])
                    if told["t"] == "view":
                        return Submitted(view=told["stack"][-1] if told["stack"] else None)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise StandFailed("Use the stand-in inside its 'async with' block.")
        return self._http

    async def _states(self, within: timedelta) -> AsyncIterator[View]:
        """Yield what the stand-in's own page is told when it is opened, again and again."""
        until = time.monotonic() + within.total_seconds()
        while time.monotonic() < until:
            async with self._session.ws_connect(f"{self._url}/ui") as page:
                yield (await page.receive_json())["state"]
            await asyncio.sleep(POLL_SECONDS)

    async def _control(self, what: str, body: Mapping[str, Any]) -> None:
        async with self._session.post(f"{self._url}/_control/{what}", json=body) as answer:
            if not answer.ok:
                raise StandFailed(f"The stand-in refused '{what}': {await answer.text()}")

    async def _get(self, what: str) -> Any:
        async with self._session.get(f"{self._url}/_control/{what}") as answer:
            return await answer.json()


def _message(raw: View) -> Message:
    return Message(
        channel=raw["channel"],
        ts=raw["ts"],
        text=raw.get("text", ""),
        blocks=raw.get("blocks") or (),
        thread_ts=raw.get("thread_ts", ""),
        seen_by=raw.get("ephemeral_to", ""),
    )


def _buttons(blocks: Sequence[View]) -> Iterator[View]:
    for block in blocks:
        elements = [*block.get("elements", ()), block.get("accessory") or {}]
        yield from (element for element in elements if element.get("type") == "button")


def _texts(part: Any) -> Iterator[str]:
    """Yield every text of a rendered thing, in the order in which it is shown."""
    if isinstance(part, list):
        for each in part:
            yield from _texts(each)
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        yield from _texts([each for each in part.values() if isinstance(each, dict | list)])


def _values(view: View, entered: Mapping[str, str | Sequence[str]]) -> dict[str, dict[str, Any]]:
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    named = {block.removeprefix("field."): (block, element) for block, element in inputs.items()}
    unknown = [name for name in entered if name not in named]
    if unknown:
        raise StandFailed(f"The modal has no {unknown}; it has {list(named)}.")
    filled = [(*named[name], given) for name, given in entered.items()]
    return {block: {element["action_id"]: _value(element, given)} for block, element, given in filled}


def _value(element: View, given: str | Sequence[str]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": given}
    options = {key: option for option in element["options"] for key in (option["text"]["text"], option["value"])}
    wanted = [given] if isinstance(given, str) else list(given)
    unknown = [each for each in wanted if each not in options]
    if unknown:
        raise StandFailed(f"There is no choice {unknown}; there are {list(options)}.")
    chosen = [options[each] for each in wanted]
    return (
        {"type": kind, "selected_options": chosen}
        if kind == "checkboxes"
        else {"type": kind, "selected_option": chosen[0]}
    )
