"""One transaction on a connection of the pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from adapters.postgres.pool import translate_faults


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Run the block whole or not at all; broken rules pass through and roll back.

    Raises:
        Fault: For what the driver raises, in the block or at the commit.

    """
    with translate_faults():
        async with pool.acquire() as connection, connection.transaction():
            yield connection
