"""The servers and workers under measurement: the embedded stack, durable as shipped, with one worker for each side."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from adapters.people_file import read_people
from adapters.postgres.pool import open_pool
from adapters.settings import Settings
from aims.people import Person
from api.services import Services, joined
from benchmarks.bare import TASK_QUEUE
from cli.embedded import EmbeddedStack
from cli.ports import Ports
from cli.postgres_server import LOGIN, OWNER
from cli.programs import OwnProgram, Surroundings, worker_polls
from workflows.visibility import ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
GOVERNED, BARE = "worker-governed", "worker-bare"
TABLE = f"""
    CREATE TABLE IF NOT EXISTS bare_row (case_id text, step text, PRIMARY KEY (case_id, step));
    GRANT SELECT, INSERT ON bare_row TO {LOGIN};
"""


@dataclass(frozen=True)
class Running:
    """The running servers, and the product's entrance as the api joins it, with the people who use it."""

    stack: EmbeddedStack
    services: Services
    people: dict[str, Person]

    def pid(self, name: str) -> int:
        """Return the process id of a child of the stack.

        Raises:
            RuntimeError: When it is not running.

        """
        pid = self.stack.child(name).pid
        if pid is None:
            raise RuntimeError(f"{name} is not running")
        return pid


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """Run everything in a folder while the block runs."""
    async with _stack(folder) as stack:
        pool = await open_pool(stack.database_url())
        try:
            services = joined(_settings(stack), pool, client=stack.client)
            people = read_people(stack.people)
            await services.people.upsert(people)
            yield Running(stack, services, people={one.id: one for one in people})
            await services.delivery.settle()
        finally:
            await pool.close()


def _stack(folder: Path) -> EmbeddedStack:
    async def bare_ready(around: Surroundings) -> bool:
        # The bare worker's table has no migration: it is no part of the product.
        await _make_table(stack)
        return await worker_polls(replace(around, environment={"AIMS_TASK_QUEUE": TASK_QUEUE}))

    stack = EmbeddedStack(
        folder=folder,
        people=ROOT / "examples" / "people.toml",
        policies=ROOT / "policies",
        ports=Ports.any(),
        slack=False,
        programs=(
            OwnProgram(name=GOVERNED, command=_command("governed"), ready=worker_polls),
            OwnProgram(name=BARE, command=_command("bare"), ready=bare_ready),
        ),
        attributes=ATTRIBUTES,
    )
    return stack


def _command(side: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "benchmarks.worker", side)


async def _make_table(stack: EmbeddedStack) -> None:
    connection = await asyncpg.connect(stack.database_url(OWNER))
    try:
        await connection.execute(TABLE)
    finally:
        await connection.close()


def _settings(stack: EmbeddedStack) -> Settings:
    given = stack.environment
    return Settings(
        database_url=stack.database_url(),
        task_queue=given["AIMS_TASK_QUEUE"],
        policies=stack.policies,
        signing_key=Path(given["AIMS_SIGNING_KEY_FILE"]).read_text(encoding="ascii"),
        verify_keys=Path(given["AIMS_VERIFY_KEYS"]),
        storage_url=given["AIMS_STORAGE_URL"],
        slack_bot_token=None,
    )
