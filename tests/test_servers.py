"""The servers of the tests do what the tests rely on."""

import asyncio
import uuid
from pathlib import Path

import asyncpg
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.servers import TestPostgres, run_postgres
from tests.week import WEEK, WaitsAWeek

MIGRATION = "-- migrate:up\nCREATE TABLE note (text text);\nINSERT INTO note VALUES ('made');\n-- migrate:down\n"


async def test_a_week_passes_at_once(temporal_env: WorkflowEnvironment) -> None:
    queue = f"queue-{uuid.uuid4()}"
    async with Worker(temporal_env.client, task_queue=queue, workflows=[WaitsAWeek]):
        handle = await temporal_env.client.start_workflow("WaitsAWeek", id=queue, task_queue=queue, result_type=str)
        await asyncio.wait_for(temporal_env.fast_forward(handle, WEEK), timeout=20)
        assert await asyncio.wait_for(handle.result(), timeout=20) == "waited"


async def test_each_database_is_a_fresh_copy_of_the_migrated_template(short_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "0001_note.sql").write_text(MIGRATION)
    async with run_postgres(short_folder, migrations=tmp_path) as server:
        assert await rows_after_an_insert(server) == await rows_after_an_insert(server) == 2


async def rows_after_an_insert(server: TestPostgres) -> int:
    """Add a row to a fresh database and count."""
    connection = await asyncpg.connect((await server.database()).owner)
    await connection.execute("INSERT INTO note VALUES ('added')")
    count: int = await connection.fetchval("SELECT count(*) FROM note")
    await connection.close()
    return count
