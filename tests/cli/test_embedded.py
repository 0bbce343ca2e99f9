"""The embedded stack with the real servers and tiny children: faults, second starts, refusals, Ctrl-C."""

import asyncio
import json
import os
import signal
import stat
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest
import pytest_asyncio

from cli.embedded import EmbeddedStack
from cli.ports import Ports
from cli.supervisor import StackFailed
from tests.cli.small_stack import small_stack
from tests.cli.waiting import until


@pytest_asyncio.fixture(scope="module")
async def stack() -> AsyncIterator[EmbeddedStack]:
    """Return a running stack that the tests of this file share."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        async with small_stack(Path(folder), ports=Ports.any()) as running:
            yield running


def mode(path: Path) -> int:
    """Return who may do what with a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def remove(folder: Path) -> None:
    """Remove an empty folder."""
    folder.rmdir()


async def fetch(stack: EmbeddedStack, statement: str, *arguments: str) -> Any:
    """Run a statement as the application role."""
    connection = await asyncpg.connect(stack.database_url(), timeout=5)
    try:
        return await connection.fetchval(statement, *arguments)
    finally:
        await connection.close()


async def kill(stack: EmbeddedStack, name: str) -> None:
    """Kill a child and wait until the supervisor has it ready again."""
    child = stack.child(name)
    before, pid = child.restarts, child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: child.restarts > before and child.is_ready.is_set())


async def test_the_application_uses_what_the_migration_made(stack: EmbeddedStack) -> None:
    await fetch(stack, "INSERT INTO note VALUES ($1)", "first")
    assert await fetch(stack, "SELECT current_user || ' ' || count(*) FROM note") == "aims 1"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(stack, "DELETE FROM note")


async def test_postgres_is_durable_and_listens_on_no_address(stack: EmbeddedStack) -> None:
    for name, value in (("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")):
        assert await fetch(stack, f"SHOW {name}") == value
    assert await fetch(stack, "SHOW listen_addresses") == ""
    assert mode(stack.folder / "postgres") == 0o700


async def test_postgres_comes_back_with_its_data_after_a_kill(stack: EmbeddedStack) -> None:
    mark = uuid.uuid4().hex
    await fetch(stack, "INSERT INTO note VALUES ($1)", mark)
    await kill(stack, "postgres")
    assert await fetch(stack, "SELECT count(*) FROM note WHERE text = $1", mark) == 1


async def test_temporal_comes_back_with_its_data_after_a_kill(stack: EmbeddedStack) -> None:
    await stack.client.start_workflow("Nobody", id="kept", task_queue="none")
    await kill(stack, "temporal")
    assert (await stack.client.get_workflow_handle("kept").describe()).id == "kept"


async def test_only_the_api_gets_the_signing_key(stack: EmbeddedStack) -> None:
    await until(lambda: all("]" in stack.child(name).tail() for name in ("api", "worker")))
    assert "AIMS_SIGNING_KEY_FILE" in stack.child("api").tail()
    assert "AIMS_SIGNING_KEY" not in stack.child("worker").tail()
    assert "DATABASE_URL_FILE" in stack.child("worker").tail()


async def test_the_state_file_says_where_everything_is_without_a_secret(stack: EmbeddedStack) -> None:
    text = (stack.folder / "state.json").read_text()
    state = json.loads(text)
    assert {name: each["pid"] for name, each in state["children"].items()} == {
        name: stack.child(name).pid for name in ("postgres", "temporal", "api", "worker")
    }
    assert state["urls"]["api"] == f"http://127.0.0.1:{stack.ports.api}"
    secrets = [path.read_text() for path in (stack.folder / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in text]


async def test_a_second_stack_on_the_same_folder_is_refused(stack: EmbeddedStack) -> None:
    with pytest.raises(StackFailed, match=f"in use by process {os.getpid()}"):
        async with small_stack(stack.folder.parent, ports=Ports.any()):
            pass
    assert await fetch(stack, "SELECT 1") == 1


@asynccontextmanager
async def process(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a stack in a process of its own, as a person would, until it is ready."""
    command = (sys.executable, "-m", "tests.cli.small_stack", str(folder))
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert running.stdout is not None
    lines = [line async for line in _until_ready(running.stdout)]
    assert lines[-1] == "ready", lines
    yield running
    if running.returncode is None:
        running.kill()
    await running.communicate()


async def _until_ready(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    async for line in stream:
        yield line.decode().strip()
        if line == b"ready\n":
            return


def state_of(folder: Path) -> dict[str, Any]:
    """Return what the stack wrote about itself."""
    state: dict[str, Any] = json.loads((folder / "stack" / "state.json").read_text())
    return state


def children_of(folder: Path) -> list[int]:
    """Return the ids of the stack's children, as it wrote them."""
    return [each["pid"] for each in state_of(folder)["children"].values() if each["pid"]]


def alive(pids: list[int]) -> list[int]:
    """Return those of the processes that run."""
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


async def test_ctrl_c_stops_everything_and_a_second_start_continues(short_folder: Path) -> None:
    async with process(short_folder) as running:
        children = children_of(short_folder)
        assert len(alive(children)) == 4
        first = state_of(short_folder)
        running.send_signal(signal.SIGINT)
        assert await running.wait() == 0
    assert not alive(children)
    assert not children_of(short_folder)
    async with small_stack(short_folder) as again:
        assert first["ports"] == state_of(short_folder)["ports"]
        assert await fetch(again, "SELECT count(*) FROM note") == 0


async def test_a_start_after_a_killed_stack_finds_the_data(short_folder: Path) -> None:
    async with process(short_folder) as running:
        running.kill()
        await running.wait()
    async with small_stack(short_folder, ports=Ports.any()) as again:
        await fetch(again, "INSERT INTO note VALUES ('after')")
        assert len(alive(children_of(short_folder))) == 4


async def test_ctrl_c_while_starting_stops_what_has_started(short_folder: Path) -> None:
    command = (sys.executable, "-m", "tests.cli.small_stack", str(short_folder))
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    await until((short_folder / "stack" / "logs" / "postgres.log").exists)
    await until(lambda: bool(children_of(short_folder)))
    children = children_of(short_folder)
    running.send_signal(signal.SIGINT)
    assert await running.wait() == 0
    assert not alive(children)


async def test_a_refusal_ends_the_process_with_a_sentence(stack: EmbeddedStack) -> None:
    command = (sys.executable, "-m", "tests.cli.small_stack", str(stack.folder.parent))
    refused = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await refused.communicate()
    assert refused.returncode == 1
    assert b"in use by process" in errors
    assert b"Traceback" not in output + errors


async def test_a_long_path_gets_a_short_private_socket_folder(short_folder: Path) -> None:
    deep = short_folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    async with small_stack(deep, ports=Ports.any()) as running:
        assert await fetch(running, "SELECT 1") == 1
        place = Path(parse_qs(urlsplit(running.database_url()).query)["host"][0])
        assert not place.is_relative_to(short_folder)
        assert mode(place) == 0o700
    remove(place)
