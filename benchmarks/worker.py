"""The worker processes of the two sides, one each: `python -m benchmarks.worker governed` or `bare`."""

import asyncio
import sys

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from adapters.logs import configure_logs
from adapters.settings import Settings, load_settings
from benchmarks.bare import INSERT, TASK_QUEUE, BareCase, Row
from workers.composition import running_worker

INSERT_ROW = "INSERT INTO bare_row (case_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING"


class Inserting:
    """The one activity of the bare side."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn(name=INSERT)
    async def insert_row(self, row: Row) -> None:
        """Insert one row, in a transaction of its own."""
        await self._pool.execute(INSERT_ROW, row.case, row.step)


async def governed(settings: Settings) -> None:
    """Run the product's own worker until the process is ended."""
    async with running_worker(settings):
        await asyncio.Event().wait()


async def bare(settings: Settings) -> None:
    """Run a worker with the SDK's defaults until the process is ended."""
    client = await Client.connect(settings.temporal["TEMPORAL_ADDRESS"])
    async with asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=1, max_size=10) as pool:
        inserting = Inserting(pool)
        worker = Worker(client, task_queue=TASK_QUEUE, workflows=[BareCase], activities=[inserting.insert_row])
        async with worker:
            await asyncio.Event().wait()


SIDES = {"governed": governed, "bare": bare}

if __name__ == "__main__":
    configure_logs("ERROR")
    asyncio.run(SIDES[sys.argv[1]](load_settings()))
