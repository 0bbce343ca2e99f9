"""The governed approval beside a bare Temporal workflow of the same shape: `python -m benchmarks.governed_approval`."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from adapters.faults import Fault
from adapters.logs import configure_logs
from benchmarks.comparison import ROUNDS, Comparison
from benchmarks.figures import table_of
from benchmarks.loads import BETWEEN_DECISIONS, CONCURRENCY
from benchmarks.stack import running
from cli.supervisor import StackFailed

GIB = 1024**3


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return 0, budgets met or not; 1 with a sentence on stderr when the servers cannot run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.governed_approval", description=__doc__)
    parser.add_argument("--cases", type=int, default=20, help="cases of each side for each load (default: 20)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    asked = parser.parse_args(arguments)
    if asked.cases < ROUNDS:
        parser.error(f"--cases: at least {ROUNDS}, one for each round")
    configure_logs("ERROR")
    began = time.monotonic()
    try:
        compared = asyncio.run(compare(asked.cases))
    except (StackFailed, Fault) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    _say(compared, seconds=time.monotonic() - began, as_json=asked.json)
    return 0


async def compare(cases: int) -> Comparison:
    """Run the whole comparison on servers of its own, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        async with running(Path(folder) / "stack") as servers:
            comparison = await Comparison.prepared(servers, cases=cases)
            await comparison.measure()
            return comparison


def _say(compared: Comparison, *, seconds: float, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_machine_readable(compared, seconds), indent=2))
        return
    caption = (
        f"{compared.cases} cases of each side for each load, in {ROUNDS} rounds that take turns; closed loop of "
        f"{CONCURRENCY}; a decision every {BETWEEN_DECISIONS.total_seconds():g} s; {_machine()}; "
        f"{seconds:.0f} s in all. Only ratios within one run count."
    )
    title = "Governed approval beside a bare Temporal workflow with the same waits and activities"
    Console(width=None if sys.stdout.isatty() else 150).print(
        table_of(compared.figures(), title=title, caption=caption)
    )


def _machine_readable(compared: Comparison, seconds: float) -> dict[str, Any]:
    return {
        "cases": compared.cases,
        "rounds": ROUNDS,
        "machine": _machine(),
        "seconds": round(seconds, 1),
        "figures": [figure.as_json() for figure in compared.figures()],
        "batches": {
            side.contender.name: {
                "cases_per_second": [round(batch.per_second, 3) for batch in side.lives],
                "decision_ms": [round(wait, 1) for wait in side.waits],
                "worker_kib": [round(batch.worker_kib, 1) for batch in side.opened],
                "engine_kib": [round(batch.engine_kib, 1) for batch in side.opened],
            }
            for side in compared.sides
        },
    }


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / GIB:.0f} GiB, load average at the end {load:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
