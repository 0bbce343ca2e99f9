"""Named points at which a fault test kills a process: at once, and nowhere else."""

import os
import signal
from contextlib import suppress

from adapters.settings import failpoint_folder


def reached(point: str, subject: str) -> None:
    """Kill the process whose id the file `<point> <subject>` holds, once; without AIMS_FAILPOINTS do nothing.

    The file is renamed to `fired <point> <subject>` just before. Empty or missing files kill nobody.
    """
    folder = failpoint_folder()
    if folder is None:
        return
    armed = folder / f"{point} {subject}"
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        victim = int(armed.read_text())
        armed.rename(armed.with_name(f"fired {armed.name}"))
        os.kill(victim, signal.SIGKILL)
