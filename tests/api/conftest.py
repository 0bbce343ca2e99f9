"""A company with its REST entrance: one of its own for a test, or one that a module shares because nothing changes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.api.rest_desk import Office, RestDesk, fresh, rest_desk
from tests.organisation import organisation
from tests.servers import Database, TestPostgres


@pytest_asyncio.fixture
async def desk(
    temporal_env: WorkflowEnvironment, fresh_database: Database, *, tmp_path: Path
) -> AsyncIterator[RestDesk]:
    """Open the entrance of a company that this test has to itself."""
    async with organisation(temporal_env, fresh_database, folder=tmp_path) as company, rest_desk(company) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module")
async def office(
    temporal_env: WorkflowEnvironment, postgres: TestPostgres, *, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """Open the entrance of a company at rest: one system waits for a form, another one for a vote."""
    folder = tmp_path_factory.mktemp("office")
    async with (
        organisation(temporal_env, await postgres.database(), folder=folder) as company,
        rest_desk(company) as opened,
    ):
        key = fresh("chat-helper")
        vote = await opened.asked_to_vote(fresh("letter-writer"))
        await company.request(key, talks_to_people="yes")
        form = await company.open_case(f"assignment:risk-assessment:{key}:1")
        await opened.at_rest()
        yield Office(desk=opened, vote=vote, form=form)
