"""Commands of a server: the api, the worker, and what prepares their dependencies."""

import asyncio
import signal

import typer
import uvicorn

from adapters.logs import configure_logs
from adapters.people_file import read_people
from adapters.postgres.migrate import migrate as run_migrations
from adapters.postgres.people import PostgresPeople
from adapters.postgres.pool import open_pool
from adapters.settings import Settings, load_settings
from adapters.temporal import bootstrap as prepare_namespace
from adapters.temporal import connect
from api.app import build_app
from api.services import open_services
from cli.output import say
from workers.composition import running_worker
from workflows.visibility import ATTRIBUTES


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (serve, worker, migrate, bootstrap):
        app.command()(command)


def serve() -> None:
    """Run the api: REST, Slack and the delivery of acts."""
    settings = load_settings()
    configure_logs(settings.log_level)
    asyncio.run(_import_people(settings))
    server = uvicorn.Config(
        build_app(open_services(settings)),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvicorn.Server(server).run()


def worker() -> None:
    """Run the worker: processes and effects."""
    settings = load_settings()
    configure_logs(settings.log_level)
    asyncio.run(_work(settings))


def migrate() -> None:
    """Bring the database schema up to date."""
    settings = load_settings()
    asyncio.run(run_migrations(settings.migration_database_url.get_secret_value()))
    say("The schema is up to date.")


def bootstrap() -> None:
    """Prepare the Temporal namespace: search attributes and retention."""
    asyncio.run(_bootstrap(load_settings()))
    say("The Temporal namespace is ready.")


async def _bootstrap(settings: Settings) -> None:
    await prepare_namespace(await connect(settings), attributes=ATTRIBUTES)
    await asyncio.sleep(0.25)  # a process whose last call was just now may crash when the interpreter ends


async def _work(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stopping.set)
    async with running_worker(settings):
        await stopping.wait()


async def _import_people(settings: Settings) -> None:
    """Read the people's file, when there is one, so that a changed file counts from the next start."""
    if settings.people is None:
        return
    pool = await open_pool(settings.database_url.get_secret_value(), size=1)
    try:
        await PostgresPeople(pool).upsert(read_people(settings.people))
    finally:
        await pool.close()
