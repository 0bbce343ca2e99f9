"""The three loads: cases opened and left, decisions at a fixed rate, whole lives at a fixed concurrency."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.contenders import Contender, Decision
from benchmarks.meters import TEMPORAL, Meters

CONCURRENCY = 5
# Slow enough that what follows from a decision is done before the next; else queues are measured, not decisions.
BETWEEN_DECISIONS = timedelta(milliseconds=500)
# What a batch does beside its main path belongs to the batch.
QUIET = timedelta(seconds=1)


@dataclass(frozen=True)
class Opened:
    """Memory that a batch of open cases added: in the worker, and in the Temporal server."""

    worker_kib: float
    engine_kib: float


@dataclass(frozen=True)
class Lives:
    """A closed-loop batch: how many cases a second, and the processor time of each process for one case."""

    per_second: float
    cpu_ms: dict[str, float]


async def open_cases(contender: Contender, keys: list[str], *, meters: Meters) -> Opened:
    """Bring cases to the decision that is measured later, and leave them open."""
    before = meters.resident_kib(contender.program), meters.resident_kib(TEMPORAL)

    async def to_the_decision(key: str) -> None:
        await contender.start(key)
        for turn in range(contender.measured):
            await (await contender.asked(key, turn))()
        await contender.asked(key, contender.measured)

    await _together(to_the_decision, keys)
    await asyncio.sleep(QUIET.total_seconds())
    return Opened(
        worker_kib=(meters.resident_kib(contender.program) - before[0]) / len(keys),
        engine_kib=(meters.resident_kib(TEMPORAL) - before[1]) / len(keys),
    )


async def decide_at_a_rate(contender: Contender, keys: list[str]) -> list[float]:
    """Press at fixed instants, whether earlier presses were answered or not; return each wait in milliseconds."""
    decisions = [await contender.asked(key, contender.measured) for key in keys]
    begin = time.perf_counter() + BETWEEN_DECISIONS.total_seconds()

    async def press(decide: Decision, *, at: float) -> float:
        await asyncio.sleep(at - time.perf_counter())
        await decide()
        return (time.perf_counter() - at) * 1000

    step = BETWEEN_DECISIONS.total_seconds()
    waits = await asyncio.gather(*(press(one, at=begin + number * step) for number, one in enumerate(decisions)))
    await asyncio.sleep(QUIET.total_seconds())
    return waits


async def whole_lives(contender: Contender, keys: list[str], *, meters: Meters) -> Lives:
    """Run cases from start to end, a fixed number at a time."""
    cpu, began = meters.cpu_seconds(), time.perf_counter()
    await _together(lambda key: live(contender, key), keys)
    took = time.perf_counter() - began
    await asyncio.sleep(QUIET.total_seconds())
    used = meters.cpu_seconds()
    return Lives(
        per_second=len(keys) / took,
        cpu_ms={name: (used[name] - cpu[name]) * 1000 / len(keys) for name in used},
    )


async def live(contender: Contender, key: str, *, pause: timedelta = timedelta(0)) -> None:
    """Run one case from start to end; people think for a pause before they decide."""
    await contender.start(key)
    for turn in range(contender.turns):
        decide = await contender.asked(key, turn)
        await asyncio.sleep(pause.total_seconds())
        await decide()
    await contender.finished(key)


async def _together(work: Callable[[str], Awaitable[None]], keys: Iterable[str]) -> None:
    places = asyncio.Semaphore(CONCURRENCY)

    async def one(key: str) -> None:
        async with places:
            await work(key)

    await asyncio.gather(*(one(key) for key in keys))
