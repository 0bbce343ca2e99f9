"""People who take an AI system from the request to operation while parts of the stack die under them."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import httpx

from adapters.faults import TransientFault
from aims.errors import AimsError
from cli.cast import Reader, Stage
from cli.rest import Rest
from cli.slackstand import StandFailed
from tests.cli.waiting import LOOK_SECONDS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
REQUESTER, AUDITOR = "p-1001", "p-1012"
OUTAGE = timedelta(seconds=45)
TAKEN = "SELECT count(*) FROM act WHERE case_id = $1 AND person_id = $2"
POSTED = "SELECT count(*) FROM effect WHERE key = $1 AND state = 'done'"
LIFE = timedelta(minutes=8)
AGAIN_SECONDS = 0.1
Case = Mapping[str, Any]


class PatientRest(Rest):
    """A client that sends a request again, with the same key, while something does not answer."""

    def move(self, url: str) -> None:
        """Follow the api to another address: a start on a port that was taken meanwhile chooses a free one."""
        self._client.base_url = httpx.URL(url)

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        over = time.monotonic() + OUTAGE.total_seconds()
        while True:
            try:
                return super()._answer(method, path, **request)
            except (TransientFault, AimsError) as problem:
                outage = isinstance(problem, TransientFault) or "send the same request again" in str(problem)
                if not outage or time.monotonic() > over:
                    raise
            time.sleep(AGAIN_SECONDS)


@dataclass(frozen=True)
class Acknowledged:
    """Somebody was told that their act on a case was taken."""

    case: str
    person: str


@dataclass
class Journey:
    """One AI system's way into operation; `before` runs before every human act and gets the case's id.

    `patience` is how long a person waits for an answer before they try again.
    """

    stage: Stage
    reader: Reader
    clients: Mapping[str, Rest]
    dsn: str
    key: str
    before: Callable[[str], Awaitable[None]]
    patience: timedelta
    acknowledged: list[Acknowledged] = field(default_factory=list)

    async def drive(self, target: str = "in_operation") -> None:
        """Request the system and act for everybody who is asked until the system is in a stage."""
        async with asyncio.timeout(LIFE.total_seconds()):
            await self.request()
            await self.finish(target)

    async def request(self) -> None:
        """Ask for the system."""
        body = {**json.loads((EXAMPLES / "support-chatbot.json").read_text()), "key": self.key}
        await self.before("request")
        await self._insist(f"system:{self.key}", REQUESTER, act=lambda: self.stage.request(REQUESTER, body))

    async def finish(self, target: str = "in_operation") -> None:
        """Act for everybody who is asked until the system is in a stage."""
        while (view := await self.reader.system(self.key))["stage"] != target:
            for case in view["open_cases"]:
                person = next(iter(case["pending"]), None)
                if person and Acknowledged(case["id"], person) not in self.acknowledged:
                    await self.act(case, person)
            with suppress(TimeoutError):  # an outage is part of the wait; the life as a whole has a deadline
                await self.reader.changed(self.key, view)

    async def act(self, case: Case, person: str) -> None:
        """Let one person do what is asked of them."""
        await self.before(str(case["id"]))
        if case["process"] == "approval":
            await self._insist(case["id"], person, act=lambda: self.stage.approve(person, case))
            return
        content = await self._content(case, person)
        await self._insist(case["id"], person, act=lambda: self.stage.fill_in(person, case, content=content))

    async def _content(self, case: Case, person: str) -> dict[str, Any]:
        content = dict(json.loads((EXAMPLES / "forms.json").read_text())[case["form"]["id"]])
        for asked in case["form"]["fields"]:
            if asked["kind"] == "evidence" and asked["required"]:
                path = f"/v1/systems/{self.key}/evidence"
                stored = await asyncio.to_thread(self.clients[person].upload, path, name="r.txt", content=b"412 passed")
                content[asked["id"]] = stored["digest"]
        return content

    async def _insist(self, case: str, person: str, *, act: Callable[[], Awaitable[None]]) -> None:
        """Act again and again, as a person does who sees nothing happen, until the act is stored."""
        over = time.monotonic() + OUTAGE.total_seconds()
        while True:
            try:
                async with asyncio.timeout(self.patience.total_seconds()):
                    await act()
                    await self.stored(case, person)
                    break
            except (StandFailed, TimeoutError, aiohttp.ClientError):
                if time.monotonic() > over:
                    raise
                if await self._is_stored(case, person):
                    break
        self.acknowledged.append(Acknowledged(case, person))

    async def stored(self, case: str, person: str) -> None:
        """Wait until an act of a person on a case is stored."""
        while not await self._is_stored(case, person):  # noqa: ASYNC110  # another process stores it
            await asyncio.sleep(LOOK_SECONDS)

    async def asked(self, message: str) -> None:
        """Wait until a message is known to be posted, by its key."""
        while not await self._holds(POSTED, message):  # noqa: ASYNC110  # another process posts it
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_stored(self, case: str, person: str) -> bool:
        return await self._holds(TAKEN, case, person)

    async def _holds(self, question: str, *arguments: str) -> bool:
        """Ask the database; while it is away the answer is no."""
        try:
            connection = await asyncpg.connect(self.dsn, timeout=2)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            return bool(await connection.fetchval(question, *arguments))
        except (OSError, asyncpg.PostgresError):
            return False
        finally:
            await connection.close()
