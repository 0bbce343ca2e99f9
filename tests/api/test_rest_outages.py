"""When something is away the answer says so, and an act that was taken is delivered later, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from adapters.postgres.pool import open_pool
from adapters.postgres.tokens import PostgresTokens
from api.app import build_app
from api.services import Services, joined
from tests.api.rest_desk import ANYWHERE, RestDesk, fresh, problem_of, rest_desk
from tests.api.tcp_gate import TcpGate, tcp_gate
from tests.organisation import BUSINESS, organisation, until
from tests.servers import Database
from workers.composition import build_worker

AT_ONCE = timedelta(0)
STATE = "SELECT state FROM act WHERE id = $1"


@asynccontextmanager
async def behind_gate(desk: RestDesk) -> AsyncIterator[tuple[RestDesk, TcpGate, Services]]:
    """Open a second entrance of the company, whose way to Temporal can be shut."""
    company = desk.company
    async with tcp_gate(company.env.client.service_client.config.target_host) as gate:
        client = await Client.connect(gate.address, data_converter=pydantic_data_converter)
        services = joined(company.settings, company.services.pool, client=client)
        async with rest_desk(company, services=services) as other:
            yield other, gate, services
        await services.delivery.settle()


@pytest.mark.feature(134, 108, 135)
async def test_a_vote_while_temporal_is_away_is_kept_and_delivered_once(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    async with behind_gate(desk) as (other, gate, services):
        await gate.shut()
        answer = await other.vote(case, key="vote-it")
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
        await gate.open()

        async def swept() -> bool | None:
            await asyncio.gather(services.delivery.sweep(AT_ONCE), desk.company.services.delivery.sweep(AT_ONCE))
            state = await services.pool.fetchval(STATE, answer.json()["act"])
            return True if state == "accepted" else None

        await until(swept, "the delivery of the vote")
        again = await other.vote(case, key="vote-it")
        assert (again.status_code, again.json()["case"]["outcome"]) == (200, "approved")
    assert (await desk.company.kinds(case.system)).count("vote_recorded") == 1


@pytest.mark.feature(134)
async def test_a_start_while_the_worker_is_away_is_taken_up_once_when_it_is_back(
    temporal_env: WorkflowEnvironment, fresh_database: Database, tmp_path: Path
) -> None:
    key = fresh("spell-checker")
    async with (
        organisation(temporal_env, fresh_database, folder=tmp_path, at_work=False) as company,
        rest_desk(company) as desk,
    ):
        answer = await desk.start(key, once="start-it")
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
        assert (await desk.get(f"/v1/systems/{key}")).json()["stage"] == "intake"
        async with build_worker(temporal_env.client, company.settings, pool=company.services.pool):
            again = await desk.start(key, once="start-it")
            assert (again.status_code, again.headers["location"]) == (201, f"/v1/systems/{key}")
            await company.system_when(key, "in_operation")
        assert (await company.kinds(key)).count("operation_entered") == 1


@pytest.mark.feature(114)
async def test_readiness_names_what_does_not_answer(desk: RestDesk) -> None:
    async with behind_gate(desk) as (other, gate, _):
        assert (await other.http.get("/readyz")).json() == {"checks": {"database": "ok", "temporal": "ok"}}
        await gate.shut()
        answer = await other.http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == "ok"
        assert answer.json()["checks"]["temporal"].startswith("failed")
        assert (await other.http.get("/healthz")).status_code == 200
        await gate.open()

        async def ready() -> bool | None:
            return True if (await other.http.get("/readyz")).status_code == 200 else None

        assert await until(ready, "readiness")


async def test_without_a_database_requests_are_told_to_come_again(desk: RestDesk, fresh_database: Database) -> None:
    pool = await open_pool(fresh_database.app, size=1)
    await pool.close()
    services = replace(desk.company.services, pool=pool, tokens=PostgresTokens(pool))
    async with app_of(services) as http:
        answer = await http.get("/v1/tasks", headers=await desk.headers(BUSINESS))
        assert (answer.status_code, problem_of(answer)["type"]) == (503, "unavailable")
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["temporal"]) == (503, "ok")
        assert ready.json()["checks"]["database"].startswith("failed")


async def test_what_nobody_thought_of_is_a_problem_that_tells_nothing_of_the_inside(desk: RestDesk) -> None:
    broken: Any = None
    async with app_of(replace(desk.company.services, tokens=broken)) as http:
        answer = await http.get("/v1/tasks", headers=await desk.headers(BUSINESS))
    assert (answer.status_code, problem_of(answer)["type"]) == (500, "internal")
    assert "NoneType" not in answer.text


@asynccontextmanager
async def app_of(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Open an entrance on the services, whose failures become answers as they do when it is served."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Services]:
        yield services

    app = build_app(opened())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=ANYWHERE) as http:
        yield http
