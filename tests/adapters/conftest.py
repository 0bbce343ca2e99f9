"""A database of its own for every test of a repository."""

from collections.abc import AsyncIterator

import pytest_asyncio

from adapters.postgres.pool import open_pool
from tests.adapters.records import Records
from tests.servers import Database


@pytest_asyncio.fixture
async def records(fresh_database: Database) -> AsyncIterator[Records]:
    """Return the repositories on a fresh database with people and a policy, as the application role."""
    async with await open_pool(fresh_database.app, size=20) as pool:
        ready = Records(pool)
        await ready.prepare()
        yield ready
