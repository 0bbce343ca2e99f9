"""The people of the demonstration: they act in Slack where the stand-in runs, else through signed-in REST calls."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cli.rest import Rest
from cli.slackstand import Message, SlackStand

Case = Mapping[str, Any]
CHANNEL = "C0AIGOV"
_PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.1


class Stage(Protocol):
    """Where the people act."""

    async def request(self, person: str, body: Mapping[str, Any]) -> None:
        """Ask for a system to be taken under governance."""

    async def approve(self, person: str, case: Case) -> None:
        """Approve what is asked."""

    async def fill_in(self, person: str, case: Case, *, content: Mapping[str, Any]) -> None:
        """Submit an owed form."""


@dataclass(frozen=True)
class RestStage:
    """People act through the REST interface, each with a token of their own."""

    clients: Mapping[str, Rest]

    async def request(self, person: str, body: Mapping[str, Any]) -> None:
        """Ask for a system by POST /v1/systems."""
        await asyncio.to_thread(self.clients[person].post, "/v1/systems", dict(body))

    async def approve(self, person: str, case: Case) -> None:
        """Vote by POST /v1/approvals/{id}/votes."""
        body = {"verdict": "approve", "digest": case["digest"]}
        await asyncio.to_thread(self.clients[person].post, f"/v1/approvals/{case['id']}/votes", body)

    async def fill_in(self, person: str, case: Case, *, content: Mapping[str, Any]) -> None:
        """Submit by POST /v1/assignments/{id}/submission."""
        path = f"/v1/assignments/{case['id']}/submission"
        await asyncio.to_thread(self.clients[person].post, path, {"content": dict(content)})


@dataclass(frozen=True)
class SlackStage:
    """People act in the Slack stand-in: a slash command, buttons and modals."""

    stand: SlackStand
    emails: Mapping[str, str]
    one_modal_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def request(self, person: str, body: Mapping[str, Any]) -> None:
        """Ask for a system with `/aims new` and its two modals."""
        async with self.one_modal_at_a_time:
            user = slack_user(person)
            await self.stand.command(user, "new", channel=CHANNEL)
            first = await self.stand.modal("aims.new.system")
            entered = {name: str(body[name]) for name in ("name", "key", "purpose", "unit")}
            entered["owner"] = self.emails[str(body["owner"])]
            await self.stand.submit(user, first, entered=entered)
            second = await self.stand.modal("aims.new.answers")
            await self.stand.submit(user, second, entered=_ticked(second, body["answers"]))

    async def approve(self, person: str, case: Case) -> None:
        """Press Approve on the message that asks."""
        user = slack_user(person)
        message = await self.stand.wait_for(user, lambda one: _asks(one, "Approve", case=case))
        await self.stand.press(user, message, label="Approve")

    async def fill_in(self, person: str, case: Case, *, content: Mapping[str, Any]) -> None:
        """Press Fill in on the message that asks, and submit the modal."""
        user = slack_user(person)
        message = await self.stand.wait_for(user, lambda one: _asks(one, "Fill in", case=case))
        async with self.one_modal_at_a_time:
            await self.stand.press(user, message, label="Fill in")
            modal = await self.stand.modal("aims.form")
            await self.stand.submit(user, modal, entered={name: str(value) for name, value in content.items()})


@dataclass(frozen=True)
class Reader:
    """Looks at the register as an auditor does."""

    rest: Rest

    async def system(self, key: str) -> Mapping[str, Any]:
        """Return a system as it stands."""
        view: Mapping[str, Any] = await asyncio.to_thread(self.rest.get, f"/v1/systems/{key}")
        return view

    async def timeline(self, key: str) -> list[dict[str, Any]]:
        """Return the ledger entries of a system."""
        answer = await asyncio.to_thread(self.rest.get, f"/v1/systems/{key}/timeline")
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def free_key(self, key: str) -> str:
        """Return the key, or the key with the first number that is free: a demonstration can be run again."""
        systems = await asyncio.to_thread(self.rest.get, "/v1/systems", limit=200, q=key)
        taken = {one["key"] for one in systems["items"]}
        numbered = (f"{key}-{number}" for number in range(2, 1000))
        return key if key not in taken else next(name for name in numbered if name not in taken)

    async def changed(self, key: str, since: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the system once it differs from how it was.

        Raises:
            TimeoutError: When nothing happens for a minute.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            view = await self.system(key)
            if fingerprint(view) != fingerprint(since):
                return view
            await asyncio.sleep(_POLL_SECONDS)
        raise TimeoutError(f"Nothing happened to {key} for {_PATIENCE_SECONDS} s; it is {since['stage']}.")


def fingerprint(view: Mapping[str, Any]) -> str:
    """Return a text that changes when something happened to a system."""
    cases = [(case["id"], case["step"], case["pending"]) for case in view["open_cases"]]
    return hashlib.sha256(repr((view["stage"], view["tier"], view["next_review_at"], cases)).encode()).hexdigest()


def slack_user(person: str) -> str:
    """Return the id of a person's account in the stand-in."""
    return f"U{person.upper().replace('-', '')}"


def _asks(message: Message, label: str, *, case: Case) -> bool:
    button = message.buttons.get(label)
    return button is not None and case["id"] in str(button.get("value")) and case["step"] in str(button.get("value"))


def _ticked(view: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, list[str]]:
    """Return which options to tick in each list of the questionnaire's modal."""
    entered: dict[str, list[str]] = {}
    for block in view["blocks"]:
        name = str(block.get("block_id", "")).removeprefix("field.")
        wanted = {"sure": "yes", "unsure": "unknown"}.get(name.split(".")[0])
        if wanted is None:
            continue
        options = [option["value"] for option in block["element"]["options"]]
        ticked = [one for one in options if answers.get(one) == wanted]
        if ticked:
            entered[name] = ticked
    return entered
