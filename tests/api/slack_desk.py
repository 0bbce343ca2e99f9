"""A Slack entrance with hand-written neighbours, and requests signed as Slack signs them."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from adapters.faults import Fault
from adapters.slack.actions import PressValue
from aims.casefile import CaseView
from aims.errors import AimsError, NotFound, UnknownPerson
from aims.people import Person
from aims.policy.model import PolicySnapshot
from aims.systems import SystemProfile
from api.requests import Source, Taken
from api.slack.router import build_router
from api.slack.service import SlackDesk
from tests.slack_samples import ADA, DIGEST, GRACE, NOW, case, form_case, policy, profile

SECRET = "a signing secret of nobody"
CLOCK = NOW.timestamp()
VALUE = PressValue(case="approval:credit-scorer:1", step="risk_acceptance", digest=DIGEST)
EMAILS = {"U0ADA": ADA.email, "U0GRACE": GRACE.email, "U0EVE": "eve@elsewhere.example"}


@dataclass
class FakeEntrance:
    """Keeps each act once for each key; refuses everything when it is given an error."""

    error: AimsError | None = None
    acts: dict[str, tuple[str, Any]] = field(default_factory=dict)
    refusals: list[tuple[str | None, str, str, str]] = field(default_factory=list)

    async def start(self, person: Person, request: Any, *, source: Source) -> Taken:
        """Take anything."""
        return self._take(person, request, source=source)

    vote = submit = start

    async def refused(self, person: Person | None, case: str, *, error: AimsError, source: Source) -> None:
        """Keep who was refused what, by which rule, and the event."""
        self.refusals.append((person.id if person else None, case, error.kind(), source.key))

    def _take(self, person: Person, request: Any, *, source: Source) -> Taken:
        if self.error is not None:
            raise self.error
        repeated = source.key in self.acts
        self.acts.setdefault(source.key, (person.id, request))
        return Taken(act="act", case="case", repeated=repeated)


@dataclass
class FakeRegister:
    """Two cases and one system."""

    cases: dict[str, CaseView] = field(default_factory=lambda: {each.id: each for each in (case(), form_case())})

    async def profile(self, key: str) -> SystemProfile:
        """Return the one system."""
        if key != profile().key:
            raise NotFound(f"There is no AI system '{key}'.")
        return profile()

    async def case(self, case: str) -> CaseView:
        """Return a case."""
        if case not in self.cases:
            raise NotFound("There is no such case.")
        return self.cases[case]

    async def owed(self, person: str) -> Sequence[CaseView]:
        """Return the cases in which the person is asked."""
        return [each for each in self.cases.values() if person in each.pending]

    async def owned(self, person: str) -> Sequence[SystemProfile]:
        """Return the system to its owner."""
        return [profile()] if person == profile().owner else []


@dataclass
class FakePeople:
    """Ada and Grace, and the accounts that were bound."""

    known: list[Person] = field(default_factory=lambda: [ADA, GRACE])
    bound: dict[tuple[str, str, str], str] = field(default_factory=dict)
    fault: Fault | None = None

    async def of_slack(self, enterprise: str, team: str, user: str, /) -> Person | None:
        """Return the person bound to an account."""
        if self.fault is not None:
            raise self.fault
        found = await self.persons([self.bound.get((enterprise, team, user), "")])
        return found[0] if found else None

    async def by_email(self, email: str) -> Person | None:
        """Return the person with the address."""
        return next((person for person in self.known if person.email == email), None)

    async def bind_slack(self, enterprise: str, team: str, user: str, person: str, /) -> None:
        """Bind an account."""
        self.bound[enterprise, team, user] = person

    async def persons(self, ids: Sequence[str]) -> list[Person]:
        """Return people by id."""
        return [person for person in self.known if person.id in ids]


@dataclass
class FakeSlack:
    """What was sent, and the signatures, addresses and policy that the entrance asks for."""

    told: list[tuple[str, str, str | None]] = field(default_factory=list)
    views: list[Mapping[str, Any]] = field(default_factory=list)
    homes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    fault: Fault | None = None

    async def tell(self, user: str, text: str, *, channel: str | None = None) -> None:
        """Keep a private answer."""
        if self.fault is not None:
            raise self.fault
        self.told.append((user, text, channel))

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Keep a modal."""
        assert trigger == "trigger"
        self.views.append(view)

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Keep an App Home."""
        self.homes[user] = view

    async def email_of(self, user: str) -> str:
        """Return a verified address."""
        if user not in EMAILS:
            raise UnknownPerson("I do not know you.")
        return EMAILS[user]

    async def first_time(self, signature: str) -> bool:
        """Remember a signature."""
        new = signature not in self.seen
        self.seen.add(signature)
        return new

    async def in_force(self) -> PolicySnapshot:
        """Return the sample policy."""
        return policy()


@dataclass
class Entrance:
    """The app under test, its neighbours, and ways to call it as Slack does."""

    http: httpx.AsyncClient
    acts: FakeEntrance
    register: FakeRegister
    people: FakePeople
    slack: FakeSlack

    async def send(self, body: str | bytes, *, at: float = CLOCK, path: str = "/slack/events") -> httpx.Response:
        """Send a body, signed at that second."""
        return await self.http.post(path, content=body, headers=signed(body, at=at))

    async def command(self, text: str, *, user: str = "U0ADA", **changed: str) -> httpx.Response:
        """Type `/aims` and the text."""
        form = {"command": "/aims", "text": text, "team_id": "T1", "user_id": user, "channel_id": "C1"}
        return await self.send(urlencode({**form, "trigger_id": "trigger", **changed}), path="/slack/commands")

    async def press(
        self, action: str, *, value: str = VALUE.encode(), user: str = "U0ADA", at: str = "1.1"
    ) -> httpx.Response:
        """Press a button."""
        return await self.send(pressed(action, value=value, user=user, at=at), path="/slack/interactions")

    async def submit(self, view: Mapping[str, Any], state: Mapping[str, Any], *, user: str = "U0ADA") -> httpx.Response:
        """Submit a modal."""
        known = {**view, "id": "V1", "state": {"values": state}}
        payload = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": user}, "view": known}
        return await self.send(urlencode({"payload": json.dumps(payload)}), path="/slack/interactions")

    def nothing_happened(self) -> bool:
        """Say whether no neighbour was touched."""
        return not (self.acts.acts or self.slack.told or self.slack.views or self.slack.homes or self.people.bound)


def pressed(action: str, *, value: str = VALUE.encode(), user: str = "U0ADA", at: str = "1.1") -> str:
    """Return the body of a press."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user, "team_id": "T1"},
        "channel": {"id": "C1"},
        "trigger_id": "trigger",
        "actions": [{"action_id": action, "value": value, "action_ts": at}],
    }
    return urlencode({"payload": json.dumps(payload)})


def signed(body: str | bytes, *, at: float = CLOCK, secret: str = SECRET) -> dict[str, str]:
    """Return the headers that Slack puts on a body."""
    stamp = str(int(at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or ""}


@asynccontextmanager
async def entrance(*, secret: str = SECRET) -> AsyncIterator[Entrance]:
    """Serve the entrance over ASGI while the block runs."""
    acts, register, people, slack = FakeEntrance(), FakeRegister(), FakePeople(), FakeSlack()
    desk = SlackDesk(
        entrance=acts,
        register=register,
        people=people,
        policies=slack,
        messenger=slack,
        directory=slack,
        replays=slack,
        signing_secret=SecretStr(secret),
        clock=lambda: CLOCK,
    )
    app = FastAPI()
    app.include_router(build_router(desk))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://aims.example") as http:
        yield Entrance(http, acts, register, people, slack)
