"""The embedded stack: PostgreSQL, Temporal, a Slack stand-in and our own processes, on one machine, in one folder."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from adapters.faults import Fault
from adapters.postgres.migrate import MIGRATIONS, migrate
from adapters.settings import inherited
from adapters.temporal import AttributeType, bootstrap
from cli.credentials import SigningKey, Vault
from cli.folder import DataFolder
from cli.ports import Ports
from cli.postgres_server import LOGIN, OWNER, PostgresServer
from cli.programs import API, WORKER, OwnProgram, Surroundings
from cli.slack_server import SlackServer, slack_program
from cli.supervisor import Child, Pace, Program, StackFailed, Supervisor
from cli.temporal_server import TemporalServer

TASK_QUEUE = "aims"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = structlog.get_logger("aims.stack")


@dataclass(kw_only=True)
class EmbeddedStack:
    """Everything running while the block runs; entering it again continues with the same data and ports.

    Single-user: loopback, a private folder, passwords for everyone. `folder` holds all of it. `slack` starts the
    stand-in when it is installed; `workspace` passes this process's SLACK_* variables on instead. Entering raises
    StackFailed or a Fault that says what to do.
    """

    folder: Path
    people: Path
    policies: Path
    ports: Ports = field(default_factory=Ports)
    slack: bool = True
    workspace: bool = False
    programs: tuple[OwnProgram, ...] = (API, WORKER)
    attributes: Mapping[str, AttributeType] = field(default_factory=dict)
    migrations: Path = MIGRATIONS
    pace: Pace = field(default_factory=Pace)
    environment: dict[str, str] = field(init=False, default_factory=dict)
    urls: dict[str, str] = field(init=False, default_factory=dict)

    async def __aenter__(self) -> Self:
        self.folder = self.folder.absolute()
        async with AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def child(self, name: str) -> Child:
        """Return the supervised process of that name: postgres, temporal, slack, api, worker."""
        return self._supervisor.children[name]

    def database_url(self, role: str = LOGIN) -> str:
        """Return the PostgreSQL URL of a role: `aims` or `aims_owner`."""
        return self._postgres.dsn(role)

    async def _start(self, exits: AsyncExitStack) -> None:
        self._data = DataFolder(self.folder)
        exits.enter_context(self._data.locked())
        await asyncio.to_thread(self._data.end_leftovers)
        self.ports = self.ports.settled(self._data.state().get("ports", {}))
        self._stand_in = slack_program() if self.slack else None
        self._vault = Vault(self.folder / "secrets")
        self._postgres = PostgresServer(self.folder, self._vault)
        self._temporal = TemporalServer(self.folder, self.ports)
        self.urls = self._addresses()
        self.environment = self._environment()
        self._supervisor = Supervisor(self.folder / "logs", pace=self.pace, changed=self._write_state)
        exits.callback(self._write_state)
        await exits.enter_async_context(self._supervisor)
        await self._start_servers()
        await self._start_programs()
        self._write_state()

    async def _start_servers(self) -> None:
        await self._supervisor.start(await self._postgres.prepare())
        await self._postgres.provision()
        await migrate(self.database_url(OWNER), self.migrations)
        await self._postgres.admit()
        await self._supervisor.start(self._temporal.prepare())
        self.client = await self._temporal.connect()
        await bootstrap(self.client, attributes=self.attributes)
        if self._stand_in is not None:
            await self._supervisor.start(self._slack_server().prepare(self._stand_in))
        elif self.slack:
            log.warning("no Slack stand-in is installed", remedy="npm ci")

    async def _start_programs(self) -> None:
        around = Surroundings(environment=self.environment, temporal=self.client)
        for own in self.programs:
            program = Program(
                name=own.name,
                command=own.command,
                environment=own.environment(self.environment),
                ready=partial(own.ready, around),
            )
            await self._supervisor.start(program)

    def _slack_server(self) -> SlackServer:
        return SlackServer(self.folder, self._vault, self.ports, self.people)

    def _environment(self) -> dict[str, str]:
        dropped = ("SLACK_", "AIMS_SLACK_") if self._stand_in or not self.workspace else ()
        own = self._own_environment()
        # A secret is given once: as a value or as a file.
        replaced = {name.removesuffix("_FILE") for name in own} | {f"{name}_FILE" for name in own}
        replaced |= {"AIMS_MIGRATION_DATABASE_URL", "AIMS_MIGRATION_DATABASE_URL_FILE"}
        kept = {name: value for name, value in inherited().items() if name not in replaced}
        return {name: value for name, value in kept.items() if not name.startswith(dropped)} | own

    def _own_environment(self) -> dict[str, str]:
        key = SigningKey(self.folder / "keys")
        return {
            "DATABASE_URL_FILE": str(self._vault.keep("database-url", self.database_url())),
            "AIMS_TASK_QUEUE": TASK_QUEUE,
            "AIMS_POLICIES": str(self.policies.absolute()),
            "AIMS_PEOPLE": str(self.people.absolute()),
            "AIMS_SIGNING_KEY_FILE": str(key.private),
            "AIMS_VERIFY_KEYS": str(key.public),
            "AIMS_STORAGE_URL": (self.folder / "evidence").as_uri(),
            "AIMS_CHECKPOINTS": str(self.folder / "checkpoints"),
            "AIMS_API_HOST": "127.0.0.1",
            "AIMS_API_PORT": str(self.ports.api),
            "AIMS_PUBLIC_URL": self.urls["api"],
            "AIMS_TEMPORAL_UI_URL": self.urls["temporal_ui"],
            **self._temporal.variables,
            **(self._slack_server().variables() if self._stand_in else {}),
        }

    def _addresses(self) -> dict[str, str]:
        addresses = {"api": self.ports.api, "temporal_ui": self.ports.temporal_ui}
        addresses |= {"slack": self.ports.slack} if self._stand_in else {}
        return {name: f"http://127.0.0.1:{port}" for name, port in addresses.items()}

    def _write_state(self) -> None:
        self._data.write_state(ports=asdict(self.ports), urls=self.urls, children=self._supervisor.children)


async def hold(stack: EmbeddedStack, ready: Callable[[EmbeddedStack], None]) -> None:
    """Run the stack, say when it is ready, and stop it when the process is asked to end (Ctrl-C, TERM, hang-up)."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked: list[signal.Signals] = []

    def ask(wanted: signal.Signals) -> None:
        # A second Ctrl-C must not interrupt the orderly stop that the first one began.
        asked.append(wanted)
        if task is not None and len(asked) == 1:
            task.cancel()

    for wanted in STOPPING:
        loop.add_signal_handler(wanted, ask, wanted)
    try:
        async with stack:
            ready(stack)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not asked:
            raise


def run(stack: EmbeddedStack, ready: Callable[[EmbeddedStack], None]) -> int:
    """Run the stack until the process is asked to end, and return the exit code: 0, or 1 with a sentence on stderr."""
    try:
        asyncio.run(hold(stack, ready))
    except (StackFailed, Fault) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
