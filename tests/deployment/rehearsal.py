"""The server install without its images: the commands of the compose file, in its environment, on embedded servers."""

import asyncio
import os
import sysconfig
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cli.credentials import Vault
from cli.ports import any_free
from cli.postgres_files import programs
from cli.postgres_server import SUPERUSER, PostgresServer
from cli.supervisor import Supervisor
from tests.deployment.composition import ROOT, mounted_files, services
from tests.servers import FORGETFUL

SCRIPTS = sysconfig.get_path("scripts")
WITHIN = timedelta(seconds=60)
LOOK_SECONDS = 0.1


@dataclass
class Rehearsal:
    """One installation in a folder; hosts, ports and paths of the compose file become those of this machine."""

    folder: Path
    server: PostgresServer
    temporal: str
    port: int = field(default_factory=any_free)

    @property
    def secrets(self) -> Path:
        """The folder of the secrets."""
        return self.folder / "secrets"

    def here(self, text: str) -> str:
        """Return a text of the compose file as it has to read on this machine."""
        places = {
            "/run/secrets": str(self.secrets),
            "/var/lib/aims": str(self.folder / "data"),
            "/etc/aims/policies": str(ROOT / "policies"),
            "temporal:7233": self.temporal,
            "0.0.0.0": "127.0.0.1",
            "8042": str(self.port),
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """Return exactly what a service is given, and the programs that its image would have."""
        given = {key: self.here(value) for key, value in services()[name]["environment"].items()}
        return {"PATH": f"{SCRIPTS}:{programs()}:{os.defpath}", **given}

    def command(self, name: str) -> list[str]:
        """Return the command of a service; a script is found where it is mounted from."""
        service = services()[name]
        words = [self.here(word) for word in service["command"]]
        scripts = {Path(path).name: str(ROOT / path) for path in mounted_files(service)}
        return [scripts.get(Path(word).name, word) for word in words]

    async def run(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Run a command to its end, successfully, and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), WITHIN.total_seconds())
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def once(self, name: str) -> str:
        """Run a one-shot service."""
        return await self.run(self.command(name), self.environment(name))

    async def aims(self, *words: str) -> str:
        """Run a command in the container of the api."""
        return await self.run(["aims", *words], self.environment("api"))

    async def psql(self, command: Sequence[str]) -> str:
        """Run a program of PostgreSQL as its superuser, as inside its container."""
        return await self.run(command, self.environment("postgres") | self.superuser())

    def superuser(self) -> dict[str, str]:
        """Return what makes PostgreSQL's programs connect as the superuser."""
        password = self.server.vault.password(f"postgres-{SUPERUSER}")
        return {"PGHOST": str(self.server.socket_folder), "PGPASSWORD": password, "SECRETS": str(self.secrets)}

    @asynccontextmanager
    async def running(self, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run a service that stays, and stop it as an engine would; it must end by itself."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self.command(name), env=self.environment(name), cwd=self.folder, stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.terminate()
                await asyncio.wait_for(process.wait(), WITHIN.total_seconds())

    async def until(self, true: Callable[[], Awaitable[bool]], *, log: str) -> None:
        """Look until something is so; fail with what the service said when it takes too long."""
        deadline = time.monotonic() + WITHIN.total_seconds()
        while not await true():
            assert time.monotonic() < deadline, (self.folder / f"{log}.log").read_text()
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def rehearse(folder: Path, *, temporal: str) -> AsyncIterator[Rehearsal]:
    """Make the secrets and the roles as on a server, and prepare both databases' schemas and the namespace."""
    server = PostgresServer(folder, Vault(folder / "vault"), FORGETFUL)
    async with Supervisor(folder / "logs") as supervisor:
        await supervisor.start(await server.prepare())
        rehearsal = Rehearsal(folder, server, temporal)
        await rehearsal.run([str(ROOT / "deploy" / "secrets.sh"), str(rehearsal.secrets)], {"PATH": os.defpath})
        # The embedded PostgreSQL listens on its socket alone.
        for name in ("database-url", "migration-database-url"):
            path = rehearsal.secrets / name
            url = path.read_text().strip().replace("@postgres:5432/", "@/")
            path.chmod(0o600)
            path.write_text(f"{url}&host={server.socket_folder}\n")
        await rehearsal.psql(["/bin/sh", str(ROOT / "deploy" / "postgres-roles.sh")])
        for name in ("temporal-namespace", "migrate", "bootstrap"):
            await rehearsal.once(name)
        yield rehearsal
