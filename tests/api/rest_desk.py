"""The REST entrance of a company on the real servers, called by its people with their tokens."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from aims.casefile import CaseView
from api.app import build_app
from api.services import Services
from tests.organisation import BUSINESS, OWNER, REQUESTER, RISK, Organisation, until

AUDITOR = "p-1012"
ANYWHERE = "http://aims.example"
PROBLEM = "application/problem+json"
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')
"""
LOOKS_AT_REST = 15


@dataclass
class RestDesk:
    """The app over ASGI, and calls of people."""

    company: Organisation
    http: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)

    async def headers(self, by: str, *, key: str | None = None) -> dict[str, str]:
        """Return the headers of a person's request; without a key it is a request of its own."""
        if by not in self.tokens:
            self.tokens[by] = await self.company.services.tokens.create(by, "test")
        return {"Authorization": f"Bearer {self.tokens[by]}", "Idempotency-Key": key or str(uuid.uuid4())}

    async def get(self, path: str, *, by: str = REQUESTER, **parameters: Any) -> httpx.Response:
        """Send a GET."""
        return await self.http.get(path, params=parameters, headers=await self.headers(by))

    async def post(self, path: str, body: Any, *, by: str = REQUESTER, key: str | None = None) -> httpx.Response:
        """Send a POST with a JSON body."""
        return await self.http.post(path, json=body, headers=await self.headers(by, key=key))

    async def start(self, key: str, *, by: str = REQUESTER, once: str | None = None, **yes: str) -> httpx.Response:
        """Request a system; questions that are not named are answered with no."""
        return await self.post("/v1/systems", await self.request(key, **yes), by=by, key=once)

    async def request(self, key: str, **answers: str) -> dict[str, Any]:
        """Return the body of a request for a system."""
        questions = (await self.company.services.policies.in_force()).policy.questionnaire.questions
        given = {question.id: answers.get(question.id, "no") for question in questions}
        return {"key": key, "name": f"System {key}", "purpose": "To test.", "owner": OWNER, "answers": given}

    async def asked_to_vote(self, key: str) -> CaseView:
        """Bring a new system of the limited tier to its first approval, where the business approver is asked."""
        await self.company.request(key, talks_to_people="yes")
        form = await self.company.open_case(f"assignment:risk-assessment:{key}:1")
        await self.company.submit(form.id, RISK)
        return await self.company.open_case(f"approval:use:{key}:1")

    async def vote(self, case: CaseView, *, by: str = BUSINESS, key: str | None = None, **other: str) -> httpx.Response:
        """Vote on a case as it was seen."""
        ballot = {"verdict": "approve", "digest": case.digest, **other}
        return await self.post(f"/v1/approvals/{case.id}/votes", ballot, by=by, key=key)

    async def footprint(self) -> dict[str, tuple[int, str]]:
        """Return how many rows every table holds, and a digest of them."""
        pool = self.company.services.pool
        tables = [row["relname"] for row in await pool.fetch(TABLES)]
        rows = "SELECT count(*), md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} t"
        return {table: tuple(await pool.fetchrow(rows.format(table))) for table in sorted(tables)}

    async def at_rest(self) -> dict[str, tuple[int, str]]:
        """Wait until nothing is written any more, and return the footprint."""
        seen: list[dict[str, tuple[int, str]]] = []

        async def look() -> dict[str, tuple[int, str]] | None:
            seen.append(await self.footprint())
            last = seen[-LOOKS_AT_REST:]
            return last[0] if len(last) == LOOKS_AT_REST and all(one == last[0] for one in last) else None

        found: dict[str, tuple[int, str]] = await until(look, "a moment of rest")
        return found


@dataclass(frozen=True)
class Office:
    """A desk at rest with two open cases: a vote of the business approver, and a form of the risk owner."""

    desk: RestDesk
    vote: CaseView
    form: CaseView


def fresh(name: str) -> str:
    """Return a system key that no other test uses: companies share one Temporal, where a life's id is its key."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def without_ledger(footprint: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Return a footprint of all tables but those of the ledger."""
    return {table: found for table, found in footprint.items() if not table.startswith("ledger_")}


@asynccontextmanager
async def rest_desk(company: Organisation, *, services: Services | None = None) -> AsyncIterator[RestDesk]:
    """Open the entrance of a company, with other services than its own where they are given."""
    app = build_app(_open(services or company.services))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ANYWHERE, timeout=60) as http,
    ):
        desk = RestDesk(company, http)
        for person in company.people:
            await desk.headers(person)
        yield desk


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[str]:
    """Serve the entrance on a free port of this machine and return its URL."""
    config = uvicorn.Config(_app(services), port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())

    async def look() -> str | None:
        if not server.started:
            return None
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    try:
        yield await until(look, "the served api")
    finally:
        server.should_exit = True
        await running


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """Return the problem document of a refusal, after looking that it is one and says what to do."""
    body: dict[str, Any] = response.json()
    assert response.headers["content-type"] == PROBLEM
    assert body["status"] == response.status_code
    assert body["type"].replace("-", "").isalpha()
    assert body["title"]
    assert body["instance"] == response.request.url.path
    assert len(body["detail"].split()) > 3
    return body


def _app(services: Services) -> FastAPI:
    return build_app(_open(services))


@asynccontextmanager
async def _open(services: Services) -> AsyncIterator[Services]:
    yield services
