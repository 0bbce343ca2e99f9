"""kill -9 of the whole stack's supervisor in the middle of a case, and a new one on the same folder."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from cli.cast import Reader, RestStage
from cli.credentials import Vault
from cli.ports import Ports
from cli.postgres_server import LOGIN, PostgresServer
from tests.cli.waiting import until
from tests.faults.findings import recovery
from tests.faults.journey import AUDITOR, OUTAGE, Journey
from tests.faults.scene import KEY, embedded, settled, signed_in

# The worst moment: the vote is in the ledger, its workflow was not told so, and everybody who knows dies.
# A killed server's sockets complain when they are collected; what counts are the oracles.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

POINT = f"written approval:use:{KEY}:1:decision:p-1003:vote_recorded"


async def at_once() -> None:
    """Let people act without waiting for anything."""


@contextlib.asynccontextmanager
async def process(folder: Path, ports: Ports) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `aims up` in a process of its own until it says that it is up."""
    given = [f"--{name.replace('_', '-')}-port={port}" for name, port in asdict(ports).items()]
    command = (sys.executable, "-m", "cli", "up", f"--folder={folder}", "--slack=none", *given)
    running = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert running.stderr is not None
        said = [line async for line in _until_up(running.stderr)]
        assert b"AIMS is up" in said[-1], said
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def worker_of(folder: Path) -> str:
    """Return the id of the worker's process, as the stack wrote it."""
    return str(json.loads((folder / "state.json").read_text())["children"]["worker"]["pid"])


async def _until_up(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    async for line in stream:
        yield line
        if b"AIMS is up" in line:
            return


@pytest.mark.feature(134, 135, 108)
async def test_a_case_goes_on_under_a_new_supervisor(short_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, ports = short_folder / "stack", Ports.any()
    dsn = PostgresServer(folder, Vault(folder / "secrets")).dsn(LOGIN)
    async with contextlib.AsyncExitStack() as exits:
        points = short_folder / "points"
        points.mkdir()
        exits.enter_context(pytest.MonkeyPatch.context()).setenv("AIMS_FAILPOINTS", str(points))
        running = await exits.enter_async_context(process(folder, ports))
        clients = await signed_in(dsn, f"http://127.0.0.1:{ports.api}")
        for client in clients.values():
            exits.enter_context(client)
        stage, reader = RestStage(clients), Reader(clients[AUDITOR])
        life = Journey(stage, reader, clients, dsn=dsn, key=KEY, before=lambda _: at_once(), patience=OUTAGE)
        (points / POINT).write_text(worker_of(folder))
        people = asyncio.create_task(life.drive())
        await until((points / f"fired {POINT}").exists)
        running.kill()
        killed_at = time.time()
        await running.wait()
        async with embedded(folder, slack=False) as stack:
            for client in clients.values():
                client.move(stack.urls["api"])
            await people
            left, found = await settled(stack, None, acknowledged=life.acknowledged)
            with capsys.disabled():
                sys.stdout.write(f"\n  kill -9 supervisor: {recovery(killed_at, found.chain):.1f} s\n")
            assert left == []
