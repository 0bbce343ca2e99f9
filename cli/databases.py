"""Short uses of the database by commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from adapters.postgres.pool import open_pool
from adapters.settings import load_settings


@asynccontextmanager
async def database() -> AsyncIterator[asyncpg.Pool]:
    """Open the database that the settings name, for as long as the block runs."""
    pool = await open_pool(load_settings().database_url.get_secret_value(), size=2)
    try:
        yield pool
    finally:
        await pool.close()
