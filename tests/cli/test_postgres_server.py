"""The embedded PostgreSQL's own files and processes."""

import asyncio
import os
from asyncio.subprocess import DEVNULL
from pathlib import Path

import pytest

from cli.credentials import Vault
from cli.postgres_files import make_private_folder
from cli.postgres_server import PostgresServer
from cli.supervisor import Program, StackFailed, Supervisor, leashed
from tests.servers import FORGETFUL


@pytest.fixture
def server(short_folder: Path) -> PostgresServer:
    """Return a server whose cluster does not exist yet."""
    return PostgresServer(short_folder, Vault(short_folder / "secrets"), FORGETFUL)


async def start_unwatched(program: Program) -> asyncio.subprocess.Process:
    """Start a program the way a supervisor does that then dies."""
    command = leashed(program.command, account=program.account)
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(program.environment), stdout=DEVNULL, stderr=DEVNULL
    )
    async with asyncio.timeout(20):
        while not await program.ready():  # noqa: ASYNC110  # only a probe can tell
            await asyncio.sleep(0.02)
    return process


async def test_a_server_that_was_left_behind_is_ended_in_order(server: PostgresServer) -> None:
    left = await start_unwatched(await server.prepare())
    await server.prepare()
    assert await left.wait() == 0
    assert "postmaster.pid" not in names_in(server.data)


async def test_the_lock_file_of_a_dead_server_is_forgotten(server: PostgresServer) -> None:
    await server.prepare()
    write(server.data / "postmaster.pid", f"{os.getpid()}\n{server.data}\n")
    program = await server.prepare()
    assert "postmaster.pid" not in names_in(server.data)
    async with Supervisor(server.folder / "logs") as supervisor:
        assert (await supervisor.start(program)).is_alive


async def test_a_cluster_that_was_half_made_is_made_again(server: PostgresServer) -> None:
    write(server.folder / "postgres.new" / "PG_VERSION", "half")
    await server.prepare()
    assert "global" in names_in(server.data)
    assert sorted(names_in(server.folder)) == ["postgres", "secrets"]


def test_a_folder_in_anothers_hands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StackFailed, match="belongs to another user"):
        make_private_folder(tmp_path / "link", "")


def names_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return [path.name for path in folder.iterdir()]


def write(path: Path, text: str) -> None:
    """Write a file and the folder it is in."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
