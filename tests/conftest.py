"""What every test may use: real servers, started when first asked for, and no way out to the network."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.network import forbid_network
from tests.servers import Database, TestPostgres, run_postgres, run_temporal
from workflows.visibility import ATTRIBUTES


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> None:
    """Keep the whole run off the network."""
    forbid_network()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder whose path is short enough for a unix socket."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        yield Path(folder)


@pytest_asyncio.fixture(scope="session")
async def postgres() -> AsyncIterator[TestPostgres]:
    """Return the session's cluster."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        async with run_postgres(Path(folder)) as server:
            yield server


@pytest_asyncio.fixture(scope="session")
async def database(postgres: TestPostgres) -> Database:
    """Return the session's migrated database."""
    return await postgres.database()


@pytest_asyncio.fixture
async def fresh_database(postgres: TestPostgres) -> Database:
    """Return a migrated database that this test has to itself."""
    return await postgres.database()


@pytest.fixture(scope="session")
def postgres_dsn(database: Database) -> str:
    """Return the URL of the session's database as the application."""
    return database.app


@pytest.fixture(scope="session")
def owner_dsn(database: Database) -> str:
    """Return the URL of the session's database as the owner of the schema."""
    return database.owner


@pytest_asyncio.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """Return the session's Temporal, whose workflows' clocks can be moved."""
    async with run_temporal(ATTRIBUTES) as env:
        yield env
