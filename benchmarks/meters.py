"""Processor time and memory of whole processes, their children included."""

import os
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.stack import BARE, GOVERNED, Running

TEMPORAL, POSTGRES, DRIVER = "temporal", "postgres", "driver"
KIB = 1024


@dataclass(frozen=True)
class Meters:
    """The processes under measurement, by name; the driver is this process: the entrance and the load."""

    processes: dict[str, psutil.Process]

    @classmethod
    def of(cls, running: Running) -> "Meters":
        """Attach to the children of a running stack."""
        names = (GOVERNED, BARE, TEMPORAL, POSTGRES)
        found = {name: psutil.Process(running.pid(name)) for name in names}
        return cls({**found, DRIVER: psutil.Process(os.getpid())})

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time that each process has used so far; ended children of a server stay counted."""
        return {
            name: _cpu(process) + (0 if name == DRIVER else _ended(process) + _children(process))
            for name, process in self.processes.items()
        }

    def resident_kib(self, *names: str) -> float:
        """Return the resident memory of these processes together."""
        return float(sum(self.processes[name].memory_info().rss for name in names)) / KIB


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def _children(process: psutil.Process) -> float:
    total = 0.0
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += _cpu(child)
    return total
