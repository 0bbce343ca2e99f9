"""The real adapters on a database of their own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from adapters.postgres.pool import open_pool
from tests.servers import Database


@pytest_asyncio.fixture
async def pool(fresh_database: Database) -> AsyncIterator[asyncpg.Pool]:
    """Return a pool of the application role on a fresh database."""
    async with await open_pool(fresh_database.app, size=20) as opened:
        yield opened
