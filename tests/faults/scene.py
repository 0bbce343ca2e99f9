"""A whole stack with its people, one part of it that gets killed, and what must be true in the end."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.people_file import read_people
from adapters.postgres.pool import open_pool
from adapters.postgres.tokens import PostgresTokens
from cli.cast import Reader, RestStage, SlackStage, Stage
from cli.embedded import EmbeddedStack
from cli.ports import Ports
from cli.rest import Rest
from cli.slack_server import slack_program
from cli.slackstand import SlackStand
from cli.supervisor import Pace
from tests.faults.findings import collect, recovery
from tests.faults.journey import AUDITOR, OUTAGE, Acknowledged, Journey, PatientRest
from tests.faults.killing import Assassin
from tests.faults.oracles import Findings, complaints
from workflows.visibility import ATTRIBUTES

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ROOT / "examples" / "people.toml"
KEY, OTHER = "support-chatbot", "other-chatbot"
PACE = Pace(first_pause=timedelta(milliseconds=50), longest_pause=timedelta(milliseconds=500))
# A ticket in doubt is looked up after a minute, and after another one when a kill hit the look-up.
CALM = timedelta(seconds=150)
LOOK = timedelta(milliseconds=300)
# How long a person waits in a chat before they try again; a client of the REST interface tries again by itself.
PATIENCE = timedelta(seconds=5)


@dataclass
class Scene:
    """A running stack, the people who act on it, and the assassin of one of its parts.

    A hook runs before the human act on the case that it is named by. People wait until the victim is ready before
    they act, so that every armed point is reached while there is a victim, unless `people_wait` is off.
    """

    stack: EmbeddedStack
    stage: Stage
    clients: Mapping[str, Rest]
    stand: SlackStand | None
    assassin: Assassin
    people_wait: bool = True
    hooks: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    acknowledged: list[Acknowledged] = field(default_factory=list)

    def journey(self, key: str) -> Journey:
        """Return the way of one system into operation."""
        return Journey(
            stage=self.stage,
            reader=Reader(self.clients[AUDITOR]),
            clients=self.clients,
            dsn=self.stack.database_url(),
            key=key,
            before=self._before,
            patience=PATIENCE if self.stand else OUTAGE,
            acknowledged=self.acknowledged,
        )

    async def _before(self, case: str) -> None:
        if self.people_wait:
            await self.assassin.healed()
        if case in self.hooks:
            await self.hooks[case]()

    async def ordeal(self, points: Iterable[str], *, seed: int) -> None:
        """Bring one system into operation past every point, and another while the victim dies at random."""
        self.assassin.arm(*points)
        await self.journey(KEY).drive()
        self.people_wait = False
        await asyncio.gather(self.journey(OTHER).drive(), self.assassin.at_random(seed, times=2))

    async def unsettled(self) -> list[str]:
        """Return what is lost, doubled or untrue once everything had time to settle."""
        return (await settled(self.stack, self.stand, acknowledged=self.acknowledged))[0]

    async def report(self) -> None:
        """Print a line for each kill: who, where, and how long it took until the next business step."""
        entries = (await collect(self.stack, None, acknowledged=[])).chain
        for kill in self.assassin.all_kills():
            took = recovery(kill.at, entries)
            shown = f"{took:5.1f} s" if took is not None else "no step followed"
            sys.stdout.write(f"\n  kill -9 {self.assassin.victim:<8} {kill.place:<86} {shown}")
        sys.stdout.write("\n")


async def settled(
    stack: EmbeddedStack, stand: SlackStand | None, *, acknowledged: list[Acknowledged]
) -> tuple[list[str], Findings]:
    """Return the complaints about what a run left, and all of it; complaints that pass by themselves are none."""
    over = time.monotonic() + CALM.total_seconds()
    while True:
        found = await collect(stack, stand, acknowledged=acknowledged)
        left = complaints(found)
        if not left or time.monotonic() > over:
            return left, found
        await asyncio.sleep(LOOK.total_seconds())


def embedded(folder: Path, *, ports: Ports | None = None, slack: bool = True) -> EmbeddedStack:
    """Return the shipped stack with the examples' people; the Slack stand-in runs where it is installed."""
    return EmbeddedStack(
        folder=folder,
        people=PEOPLE,
        policies=ROOT / "policies",
        ports=ports or Ports(),
        slack=slack and slack_program() is not None,
        attributes=ATTRIBUTES,
        pace=PACE,
    )


@asynccontextmanager
async def scene(victim: str) -> AsyncIterator[Scene]:
    """Run a stack in a short folder while the block runs."""
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="aims-")))
        points = folder / "points"
        points.mkdir()
        environment = exits.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("AIMS_FAILPOINTS", str(points))
        stack = await exits.enter_async_context(embedded(folder / "stack", ports=Ports.any()))
        stand = None
        if "slack" in stack.urls:
            stand = await exits.enter_async_context(SlackStand(stack.urls["slack"]))
        clients = await signed_in(stack.database_url(), stack.urls["api"])
        for client in clients.values():
            exits.enter_context(client)
        assassin = await exits.enter_async_context(Assassin(stack, points, victim))
        yield Scene(stack, stage_of(stack, stand, clients=clients), clients, stand=stand, assassin=assassin)


async def signed_in(dsn: str, url: str) -> dict[str, PatientRest]:
    """Give everybody of the examples a token, and return a patient client for each."""
    pool = await open_pool(dsn, size=1)
    try:
        made = {person.id: await PostgresTokens(pool).create(person.id, "faults") for person in read_people(PEOPLE)}
    finally:
        await pool.close()
    return {person: PatientRest(url, token) for person, token in made.items()}


def stage_of(stack: EmbeddedStack, stand: SlackStand | None, *, clients: Mapping[str, Rest]) -> Stage:
    """Return where people act: in the stand-in, or through REST."""
    if stand is None:
        return RestStage(clients)
    return SlackStage(stand, {person.id: person.email for person in read_people(stack.people)})
