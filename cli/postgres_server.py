"""The embedded PostgreSQL: real, durable, closed to everybody but its roles.

It listens on a unix socket only, wants a password from everyone from its first second on, and its files belong to
one user. PostgreSQL refuses to run as root: there it runs as the account `aims-postgres`, made when missing.
"""

import asyncio
import hashlib
import os
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import asyncpg

from cli import postgres_account, postgres_files
from cli.credentials import Vault
from cli.supervisor import Program

SUPERUSER, OWNER, LOGIN, GROUP = "postgres", "aims_owner", "aims", "aims_app"
DATABASE = "aims"
SOCKET = ".s.PGSQL.5432"
# The kernel's limit for the path of a unix socket, without the closing zero.
SOCKET_PATH_BYTES = 107
PROBE_SECONDS = 2.0
# A statement with a password must not reach the log, not even when it fails.
SILENT = {"log_statement": "none", "log_min_error_statement": "panic", "client_min_messages": "warning"}

ROLE_EXISTS = "SELECT FROM pg_roles WHERE rolname = $1"
DATABASE_EXISTS = "SELECT FROM pg_database WHERE datname = $1"
ROLES = {OWNER: "LOGIN CREATEROLE", LOGIN: "LOGIN"}


@dataclass(frozen=True)
class PostgresServer:
    """A cluster in `folder`/postgres; `options` are extra settings of the server."""

    folder: Path
    vault: Vault
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "postgres"

    @property
    def socket_folder(self) -> Path:
        """The data folder, or a short one when a socket cannot have so long a path."""
        if len(os.fsencode(self.data / SOCKET)) <= SOCKET_PATH_BYTES:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"aims-{name}"

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """Return the URL for a role, with its password."""
        password = quote(self.vault.password(f"postgres-{role}"), safe="")
        return f"postgresql://{role}:{password}@/{database}?{urlencode({'host': str(self.socket_folder)})}"

    async def prepare(self) -> Program:
        """Make the cluster when there is none, end what a killed supervisor left, and return what to run.

        Raises:
            StackFailed: When the cluster cannot be made or another user holds its socket folder.

        """
        account = await asyncio.to_thread(postgres_account.ensure_account, self.folder)
        if not (self.data / "PG_VERSION").exists():
            password, durable = self.vault.password(f"postgres-{SUPERUSER}"), self.options.get("fsync") != "off"
            await postgres_files.make_cluster(self.data, password, account=account, durable=durable)
        await asyncio.to_thread(postgres_files.end_leftovers, self.data)
        if self.socket_folder != self.data:
            postgres_files.make_private_folder(self.socket_folder, account)
        return Program(
            name="postgres",
            command=self._command(),
            environment={"LC_ALL": "C", "TZ": "UTC"},
            ready=self._answers,
            account=account,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    async def provision(self) -> None:
        """Make the owner, the login role and the database; harmless when repeated."""
        connection = await self._connect()
        try:
            for role, rights in ROLES.items():
                exists = await connection.fetchrow(ROLE_EXISTS, role) is not None
                password = self.vault.password(f"postgres-{role}")
                await connection.execute(
                    f"{'ALTER' if exists else 'CREATE'} ROLE {role} {rights} PASSWORD '{password}'"
                )
            await self.make_database(DATABASE)
        finally:
            await connection.close()

    async def make_database(self, name: str, *, template: str = "template1") -> None:
        """Make a database of the owner that only the roles of the application may enter, unless it exists."""
        connection = await self._connect()
        try:
            if await connection.fetchrow(DATABASE_EXISTS, name) is None:
                await connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{template}"')
            await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
            await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {LOGIN}')
        finally:
            await connection.close()

    async def admit(self) -> None:
        """Put the login role into the group that the migrations made, if they did; harmless when repeated."""
        connection = await self._connect()
        try:
            if await connection.fetchrow(ROLE_EXISTS, GROUP) is not None:
                await connection.execute(f"GRANT {GROUP} TO {LOGIN}")
        finally:
            await connection.close()

    def _command(self) -> tuple[str, ...]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket_folder}"',
            "unix_socket_permissions": "0700",
            **self.options,
        }
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return (str(postgres_files.programs() / "postgres"), "-D", str(self.data), *options)

    async def _answers(self) -> bool:
        # Only a query tells: a dead server may keep its process entry and its files.
        try:
            connection = await self._connect()
            await connection.fetchval("SELECT 1")
            await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def _connect(self) -> asyncpg.Connection:
        dsn = self.dsn(SUPERUSER, "postgres")
        return await asyncpg.connect(dsn, timeout=PROBE_SECONDS, server_settings=SILENT)
