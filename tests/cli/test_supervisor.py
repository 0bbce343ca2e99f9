"""The supervisor, with small programs of Python."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from cli.supervisor import Pace, Program, StackFailed, Supervisor
from tests.cli.waiting import until

FAST = Pace(look=timedelta(milliseconds=10), first_pause=timedelta(milliseconds=20))
WAIT = "import signal; signal.pause()"
SAY = """
import signal, sys
def end(*_):
    open({journal!r}, "a").write("{name} ended\\n"); sys.exit()
signal.signal(signal.SIGTERM, end)
open({journal!r}, "a").write("{name} began\\n")
signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
ORPHANING = """
import asyncio, pathlib, sys
from adapters.logs import configure_logs
from cli.supervisor import Program, Supervisor
configure_logs()
async def main():
    async with Supervisor(pathlib.Path({logs!r})) as supervisor:
        child = await supervisor.start(Program(name="c", command=(sys.executable, "-c", {code!r}), environment={{}}))
        while "begun" not in child.tail():
            await asyncio.sleep(0.02)
        print(child.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def python(name: str, code: str, *, within: float = 10, grace: float = 10) -> Program:
    """Return a program that runs a piece of Python."""
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        environment={},
        ready_within=timedelta(seconds=within),
        grace=timedelta(seconds=grace),
    )


async def test_programs_stop_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.touch()
    async with Supervisor(tmp_path / "logs", pace=FAST) as supervisor:
        for name in ("one", "two"):
            await supervisor.start(python(name, SAY.format(journal=str(journal), name=name)))
            await until(lambda name=name: f"{name} began" in journal.read_text())  # type: ignore[misc]  # bound now
    assert journal.read_text().splitlines() == ["one began", "two began", "two ended", "one ended"]


async def test_a_program_that_was_killed_runs_again(tmp_path: Path) -> None:
    changes: list[int] = []
    async with Supervisor(tmp_path, pace=FAST, changed=lambda: changes.append(1)) as supervisor:
        child = await supervisor.start(python("c", WAIT))
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.restarts == 1 and child.is_ready.is_set())
        assert child.pid not in {None, first}
        assert len(changes) == 2


async def test_a_program_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    failing = python("c", "print('cannot', 'go', 'on'); raise SystemExit(3)", within=0.5)
    with pytest.raises(StackFailed, match=r"(?s)c did not get ready.*cannot go on"):
        async with Supervisor(tmp_path, pace=FAST) as supervisor:
            await supervisor.start(Program(**{**vars(failing), "ready": never}))


async def test_a_program_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, pace=FAST) as supervisor:
        child = await supervisor.start(python("c", STUBBORN, grace=0.1))
        await until(lambda: "deaf" in child.tail())
        pid = child.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_programs_get_nothing_of_our_environment(tmp_path: Path) -> None:
    code = f"import os; print('given', *os.environ, flush=True); {WAIT}"
    async with Supervisor(tmp_path, pace=FAST) as supervisor:
        child = await supervisor.start(python("c", code))
        await until(lambda: "given" in child.tail())
        # Python itself sets this one.
        assert set(child.tail().split()) <= {"given", "LC_CTYPE"}


async def test_programs_die_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = ORPHANING.format(logs=str(tmp_path), code=f"print('begun', flush=True); {WAIT}")
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert supervisor.stdout is not None
    orphan = psutil.Process(int(await supervisor.stdout.readline()))
    supervisor.kill()
    await supervisor.wait()
    try:
        await until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)
    finally:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
