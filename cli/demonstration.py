"""Three AI systems through their lives, from a request in Slack to operation, review and retirement."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from adapters.people_file import read_people
from adapters.postgres.pool import open_pool
from adapters.postgres.tokens import PostgresTokens
from aims.errors import AimsError
from cli.cast import Reader, RestStage, SlackStage, Stage
from cli.embedded import EmbeddedStack
from cli.output import print_table
from cli.rest import Rest
from cli.slackstand import SlackStand
from cli.systems import TIMELINE_COLUMNS, timeline_row
from workflows.ids import lifecycle_id

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
REQUESTER, OWNER, AUDITOR = "p-1001", "p-1002", "p-1012"
RETIRED = "support-chatbot"
_JUST_BEFORE = timedelta(seconds=1)
_STEPS = 60


@dataclass
class Demonstration:
    """One run: who acts where, and what has been said so far."""

    stage: Stage
    reader: Reader
    clients: Mapping[str, Rest]
    skipper: TimeSkipper
    console: Console
    forms: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    done: list[tuple[str, str, str]] = field(default_factory=list)

    async def life_of(self, body: Mapping[str, Any], *, retire: bool) -> str:
        """Bring one system from request to operation, through a review and, if wanted, to its end; return its key."""
        key = await self.reader.free_key(str(body["key"]))
        self._say(f"[bold]{body['name']}[/] ({key})")
        await self.stage.request(REQUESTER, {**body, "key": key})
        await self._until(key, "in_operation", refused_try=True)
        await self._review(key)
        if retire:
            path = f"/v1/systems/{key}/decommissioning"
            await asyncio.to_thread(self.clients[REQUESTER].post, path, {"reason": "Replaced by a newer system."})
            await self._until(key, "decommissioned")
        return key

    async def _review(self, key: str) -> None:
        due = datetime.fromisoformat((await self.reader.system(key))["next_review_at"])
        self._say(f"  the clock goes forward to {due:%d %b %Y}")
        handle = self.skipper.client.get_workflow_handle(lifecycle_id(key))
        left = due - await self.skipper.get_current_time(handle) - _JUST_BEFORE
        before = await self.reader.system(key)
        await self.skipper.fast_forward(handle, left)
        view = await self.reader.changed(key, before)
        await self._until(key, "in_operation", since=view)

    async def _until(
        self, key: str, target: str, *, refused_try: bool = False, since: Mapping[str, Any] | None = None
    ) -> None:
        """Let everybody who is asked act, until the system is in a stage."""
        view = since or await self._taken_up(key)
        for _ in range(_STEPS):
            if view["stage"] == target:
                self._say(f"  [green]{target.replace('_', ' ')}[/]")
                return
            for case in view["open_cases"]:
                if refused_try and case["process"] == "approval":
                    refused_try = await self._refused(case)
                await self._act(key, case)
            view = await self.reader.changed(key, view)
        raise TimeoutError(f"{key} did not reach {target}; it is {view['stage']}.")

    async def _taken_up(self, key: str) -> Mapping[str, Any]:
        for _ in range(_STEPS):
            try:
                return await self.reader.system(key)
            except AimsError:
                await asyncio.sleep(0.1)
        raise TimeoutError(f"{key} was never taken up.")

    async def _refused(self, case: Mapping[str, Any]) -> bool:
        """Let the owner try to approve their own system; it is refused and recorded. Return that it was done."""
        body = {"verdict": "approve", "digest": case["digest"]}
        try:
            await asyncio.to_thread(self.clients[REQUESTER].post, f"/v1/approvals/{case['id']}/votes", body)
        except AimsError as refused:
            self._say(f"  [yellow]{self.names[REQUESTER]} tries to approve: {refused.sentence}[/]")
            return False
        raise RuntimeError("A requester was able to approve their own request.")

    async def _act(self, key: str, case: Mapping[str, Any]) -> None:
        turns = [(case["id"], case["step"], person) for person in case["pending"][:1]]
        if not turns or turns[0] in self.done:
            return
        self.done += turns
        person = turns[0][2]
        if case["process"] == "approval":
            self._say(f"  {self.names[person]} approves: {case['subject']}, {case['step']}")
            await self.stage.approve(person, case)
        else:
            self._say(f"  {self.names[person]} submits: {case['form']['title']}")
            await self.stage.fill_in(person, case, content=await self._content(key, case, person=person))

    async def _content(self, key: str, case: Mapping[str, Any], *, person: str) -> dict[str, Any]:
        content = dict(self.forms[case["form"]["id"]])
        for asked in case["form"]["fields"]:
            if asked["kind"] == "evidence" and asked["required"]:
                report = f"Test report of {key}: 412 tests, all passed.".encode()
                path = f"/v1/systems/{key}/evidence"
                stored = await asyncio.to_thread(
                    self.clients[person].upload, path, name="test-report.txt", content=report
                )
                content[asked["id"]] = stored["digest"]
        return content

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False)


async def run_demonstration(stack: EmbeddedStack) -> None:
    """Start the stack, drive the examples, print what happened and where to look, and stop the stack."""
    console = Console(stderr=True)
    console.print("Starting PostgreSQL, Temporal, the api and a worker ...")
    async with stack, cast(stack) as (stage, clients):
        where = (
            "the Slack stand-in" if isinstance(stage, SlackStage) else "signed-in REST calls: no Slack stand-in here"
        )
        console.print(f"People act through {where}.")
        reader = Reader(clients[AUDITOR])
        skipper = TimeSkipper(stack.client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=1000))
        forms = json.loads((EXAMPLES / "forms.json").read_text())
        names = {person.id: person.name for person in read_people(stack.people)}
        play = Demonstration(stage, reader, clients, skipper, console, forms=forms, names=names)
        keys = []
        for name in ("cv-screening", RETIRED, "spell-checker"):
            body = json.loads((EXAMPLES / f"{name}.json").read_text())
            keys.append(await play.life_of(body, retire=name == RETIRED))
        await _report(stack, reader, keys=keys)


@asynccontextmanager
async def cast(stack: EmbeddedStack) -> AsyncIterator[tuple[Stage, Mapping[str, Rest]]]:
    """Give everybody a token, and a place to act."""
    people = {person.id: person.email for person in read_people(stack.people)}
    pool = await open_pool(stack.database_url(), size=1)
    try:
        tokens = {person: await PostgresTokens(pool).create(person, "demonstration") for person in people}
    finally:
        await pool.close()
    async with AsyncExitStack() as exits:
        clients = {name: exits.enter_context(Rest(stack.urls["api"], token)) for name, token in tokens.items()}
        if "slack" not in stack.urls:
            yield RestStage(clients), clients
        else:
            stand = await exits.enter_async_context(SlackStand(stack.urls["slack"]))
            yield SlackStage(stand, people), clients


async def _report(stack: EmbeddedStack, reader: Reader, *, keys: list[str]) -> None:
    names = {person.id: person.name for person in read_people(stack.people)}
    for key in keys:
        rows = [timeline_row(entry) for entry in await reader.timeline(key)]
        rows = [[when, what, names.get(who, who), *rest] for when, what, who, *rest in rows]
        print_table(f"Timeline of {key}", TIMELINE_COLUMNS, rows=rows)
    rows = []
    for key in keys:
        view = await reader.system(key)
        rows.append([key, view["stage"], view["tier"], str(view["next_review_at"] or "-")[:10]])
    print_table("The three systems now", ("key", "stage", "tier", "next review"), rows=rows)
    sys.stdout.write(f"Everything is kept in {stack.folder.name}/. Look at it with `make up`:\n")
    places = {
        "temporal_ui": "Temporal UI, every case by stage",
        "api": "REST interface, with /docs",
        "slack": "Slack stand-in",
    }
    for name, url in stack.urls.items():
        sys.stdout.write(f"  {url}  {places[name]}\n")
