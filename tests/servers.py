"""The real servers that tests use: PostgreSQL with a migrated template, and Temporal with a movable clock."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from adapters.postgres.migrate import MIGRATIONS, migrate
from adapters.temporal import AttributeType, bootstrap
from cli.credentials import Vault
from cli.postgres_server import LOGIN, OWNER, PostgresServer
from cli.supervisor import Supervisor
from cli.temporal_server import DYNAMIC_SETTINGS, temporal_program

TEMPLATE = "aims_template"
# Losing the data in a power cut is fine here; waiting for the disk is not.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
# A process whose last call to Temporal was just now may crash when the interpreter ends.
SETTLING = timedelta(milliseconds=300)


@dataclass(frozen=True)
class Database:
    """The URLs of one database: as the application and as the owner of the schema."""

    app: str
    owner: str


@dataclass(frozen=True)
class TestPostgres:
    """A throw-away cluster that hands out migrated databases."""

    __test__ = False

    server: PostgresServer

    async def database(self) -> Database:
        """Return a fresh database, cloned from the migrated template."""
        name = f"test_{uuid.uuid4().hex}"
        await self.server.make_database(name, template=TEMPLATE)
        return self.urls(name)

    async def empty_database(self) -> Database:
        """Return a fresh database without a schema."""
        name = f"empty_{uuid.uuid4().hex}"
        await self.server.make_database(name)
        return self.urls(name)

    def urls(self, name: str) -> Database:
        """Return the URLs of a database."""
        return Database(app=self.server.dsn(LOGIN, name), owner=self.server.dsn(OWNER, name))


def has_migrations(folder: Path) -> bool:
    """Say whether there is a schema to make."""
    return any(folder.glob("*.sql"))


@asynccontextmanager
async def run_postgres(folder: Path, *, migrations: Path = MIGRATIONS) -> AsyncIterator[TestPostgres]:
    """Run a cluster in the folder while the block runs, with a template that has every migration."""
    server = PostgresServer(folder, Vault(folder / "secrets"), FORGETFUL)
    async with Supervisor(folder / "logs") as supervisor:
        await supervisor.start(await server.prepare())
        await server.provision()
        await server.make_database(TEMPLATE)
        if has_migrations(migrations):
            await migrate(server.dsn(OWNER, TEMPLATE), migrations)
        await server.admit()
        yield TestPostgres(server)


@asynccontextmanager
async def run_temporal(attributes: Mapping[str, AttributeType]) -> AsyncIterator[WorkflowEnvironment]:
    """Run a server in memory on which `env.fast_forward(handle, duration)` moves a workflow's clock."""
    env = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=10_000),
        data_converter=pydantic_data_converter,
        dev_server_existing_path=temporal_program(),
        # The default of 5 s is short for a busy machine.
        dev_server_startup_timeout=timedelta(seconds=30),
        dev_server_log_level="error",
        dev_server_extra_args=[part for each in DYNAMIC_SETTINGS for part in ("--dynamic-config-value", each)],
    )
    try:
        await bootstrap(env.client, attributes=attributes)
        yield env
    finally:
        await env.shutdown()
        await asyncio.sleep(SETTLING.total_seconds())
