"""Starts programs in order, restarts those that die, stops all in reverse order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

LEASH = Path(__file__).with_name("leash.py")
TAIL_LINES = 8

Probe = Callable[[], Awaitable[bool]]
log = structlog.get_logger("aims.supervisor")


class StackFailed(Exception):
    """The embedded stack cannot run; the message says what to do."""


async def at_once() -> bool:
    """Count as ready as soon as the process runs."""
    return True


def leashed(
    command: tuple[str, ...], *, account: str = "", orphan_signal: signal.Signals = signal.SIGKILL
) -> tuple[str, ...]:
    """Return the command that runs `command` as `account` and ends it when this process ends."""
    return (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(orphan_signal)), account, *command)


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, how to know that it is ready, and how it wants to be stopped.

    `orphan_signal` is what the kernel sends when the supervisor dies; `account` is the user to run as when root.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: Probe = at_once
    account: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    ready_within: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the supervisor looks and tries again; a program that was never ready gets `first_tries`."""

    look: timedelta = timedelta(milliseconds=50)
    first_pause: timedelta = timedelta(milliseconds=200)
    longest_pause: timedelta = timedelta(seconds=5)
    steady_after: timedelta = timedelta(seconds=10)
    first_tries: int = 5


@dataclass
class Child:
    """A program under supervision; `restarts` counts how often it was started again."""

    program: Program
    log_file: Path
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    was_ready: bool = False
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running process, None while there is none."""
        return self.process.pid if self.is_alive and self.process else None

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.returncode is None

    def tail(self) -> str:
        """Return the last lines that the program wrote."""
        text = self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
        return "\n".join(text.splitlines()[-TAIL_LINES:])


class Supervisor:
    """Keeps programs alive while the block runs; their output goes to `<logs>/<name>.log`."""

    def __init__(self, logs: Path, *, pace: Pace | None = None, changed: Callable[[], None] = lambda: None) -> None:
        self.children: dict[str, Child] = {}
        self._logs = logs
        self._pace = pace or Pace()
        self._changed = changed

    async def __aenter__(self) -> Self:
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(list(self.children.values())):
            await self._stop(child)

    async def start(self, program: Program) -> Child:
        """Start a program and wait until it is ready.

        Raises:
            StackFailed: When it is not ready in time; carries the last lines of its log.

        """
        child = Child(program, self._logs / f"{program.name}.log")
        self.children[program.name] = child
        child.keeper = asyncio.create_task(self._keep(child), name=f"keep {program.name}")
        first = asyncio.create_task(child.is_ready.wait())
        within = program.ready_within.total_seconds()
        try:
            await asyncio.wait({first, child.keeper}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            first.cancel()
        if not child.is_ready.is_set():
            raise StackFailed(f"{program.name} did not get ready. Its last words in {child.log_file}:\n{child.tail()}")
        return child

    async def _keep(self, child: Child) -> None:
        pause = self._pace.first_pause
        while child.was_ready or child.restarts < self._pace.first_tries:
            began = time.monotonic()
            await self._run_once(child)
            if time.monotonic() - began > self._pace.steady_after.total_seconds():
                pause = self._pace.first_pause
            log.warning("child died", child=child.program.name, status=child.process and child.process.returncode)
            await asyncio.sleep(pause.total_seconds())
            pause = min(2 * pause, self._pace.longest_pause)
            child.restarts += 1

    async def _run_once(self, child: Child) -> None:
        child.process = await self._spawn(child)
        self._changed()
        becoming = asyncio.create_task(self._become_ready(child))
        try:
            await child.process.wait()
        finally:
            becoming.cancel()
            child.is_ready.clear()

    async def _become_ready(self, child: Child) -> None:
        while not (await child.program.ready() and child.is_alive):  # noqa: ASYNC110  # only a probe can tell
            await asyncio.sleep(self._pace.look.total_seconds())
        child.was_ready = True
        child.is_ready.set()
        log.info("child ready", child=child.program.name, pid=child.pid, restarts=child.restarts)

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        program = child.program
        with child.log_file.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *leashed(program.command, account=program.account, orphan_signal=program.orphan_signal),
                env=dict(program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches the whole terminal; the order of stopping is the supervisor's.
                start_new_session=True,
            )

    async def _stop(self, child: Child) -> None:
        process = child.process
        if child.keeper is not None:
            child.keeper.cancel()
            await asyncio.wait({child.keeper})
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(child.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), child.program.grace.total_seconds())
        except TimeoutError:
            log.warning("child killed", child=child.program.name)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
