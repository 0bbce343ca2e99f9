"""The data folder of the embedded stack: its lock, its state file and what a killed stack left in it."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import structlog

from cli.supervisor import Child, StackFailed

ENDING_SECONDS = 5.0
# A start time read twice differs by less than this.
SAME_START_SECONDS = 1.0

log = structlog.get_logger("aims.stack")


@dataclass(frozen=True)
class DataFolder:
    """A folder that belongs to one stack at a time.

    `state.json` says where everything is, holds no secret, and has no process ids after an orderly stop.
    """

    path: Path

    @property
    def state_file(self) -> Path:
        """Where ports, urls and process ids are written."""
        return self.path / "state.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the kernel lets go when this process ends, however it ends.

        Raises:
            StackFailed: When another stack holds it.

        """
        self.path.mkdir(parents=True, exist_ok=True)
        # PostgreSQL has another user when the stack is root's, and passes through here to its own folder.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        with (self.path / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise StackFailed(self._held_by(file.read().strip() or "unknown")) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def state(self) -> dict[str, Any]:
        """Return what the last stack wrote, empty when there is nothing readable."""
        try:
            state: dict[str, Any] = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return state

    def write_state(self, *, ports: Mapping[str, int], urls: Mapping[str, str], children: Mapping[str, Child]) -> None:
        """Replace the state file in one step."""
        processes = {name: _process(child) for name, child in children.items()}
        content = {"pid": os.getpid(), "ports": dict(ports), "urls": dict(urls), "children": processes}
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=2))
        fresh.replace(self.state_file)

    def end_leftovers(self) -> None:
        """Kill the children that outlived a killed stack; they stand every kill. PostgreSQL has its own way."""
        written = self.state().get("children", {})
        left = [_alive(each) for name, each in written.items() if name != "postgres"]
        found = [process for process in left if process is not None]
        for process in found:
            log.warning("ending a process that was left behind", pid=process.pid)
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=ENDING_SECONDS)

    def _held_by(self, pid: str) -> str:
        return f"The folder {self.path} is in use by process {pid}. End it (kill {pid}), or choose another folder."


def _process(child: Child) -> dict[str, Any]:
    try:
        started = psutil.Process(child.pid).create_time() if child.pid else None
    except psutil.NoSuchProcess:
        started = None
    return {"pid": child.pid, "started": started, "restarts": child.restarts, "log": str(child.log_file)}


def _alive(written: Mapping[str, Any]) -> psutil.Process | None:
    if not written.get("pid") or not written.get("started"):
        return None
    try:
        process = psutil.Process(written["pid"])
        same = abs(process.create_time() - written["started"]) < SAME_START_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None
