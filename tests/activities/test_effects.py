"""The recipe for effects: whatever breaks between the intent and the answer, the world sees the effect once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError

from activities.effects import Effect, once
from adapters.faults import Fault, PermanentFault, TransientFault
from aims.errors import Unreachable
from tests.builders import NOON
from tests.contracts.effect_log import MemoryEffects

QUIET = timedelta(seconds=30)


class Refused(TransientFault):
    """The other side said that it did nothing."""

    definite = True


class Killed(BaseException):
    """The worker's process ended here."""


@dataclass
class World:
    """A provider in which effects can be seen, and which breaks as it is told, call by call."""

    faults: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    looked: list[datetime] = field(default_factory=list)

    async def call(self) -> str:
        """Bring the effect about, as the next fault allows."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise Refused("busy")
        if fault == "lost request":
            raise TransientFault("no answer")
        self.happened.append(f"ts-{len(self.happened)}")
        if fault == "killed":
            raise Killed
        if fault == "lost answer":
            raise TransientFault("no answer")
        return self.happened[-1]

    async def find(self, since: datetime) -> str | None:
        """Return the effect that can be seen."""
        self.looked.append(since)
        return self.happened[0] if self.happened else None


def effect(world: World) -> Effect[str]:
    """Return the posting of a message into the world."""
    return Effect(
        key="case:post:1",
        kind="post",
        case="case",
        quiet=QUIET,
        call=world.call,
        find=world.find,
        encode=str.upper,
        decode=str.lower,
    )


async def test_an_effect_happens_once_and_is_remembered() -> None:
    log, world = MemoryEffects(), World()
    assert [await once(log, effect(world)) for _ in range(3)] == ["ts-0"] * 3
    assert world.happened == ["ts-0"]
    assert world.looked == []
    assert await log.results("case", kind="post") == [("case:post:1", "TS-0")]


@pytest.mark.parametrize("fault", ["lost answer", "lost request"])
async def test_an_attempt_in_doubt_waits_until_it_has_settled(fault: str) -> None:
    log, world = MemoryEffects(), World([fault])
    with pytest.raises(TransientFault):
        await once(log, effect(world))
    with pytest.raises(ApplicationError) as waiting:
        await once(log, effect(world))
    assert (waiting.value.type, waiting.value.next_retry_delay, waiting.value.non_retryable) == (
        "EffectInDoubt",
        timedelta(seconds=1),
        False,
    )
    assert world.looked == []


@pytest.mark.feature(135)
@pytest.mark.parametrize("fault", ["lost answer", "lost request", "killed"])
async def test_an_attempt_in_doubt_is_looked_up_before_it_is_repeated(fault: str) -> None:
    log, world = MemoryEffects(), World([fault])
    with pytest.raises((TransientFault, Killed)):
        await once(log, effect(world))
    await log.settle_down()
    assert await once(log, effect(world)) == "ts-0"
    assert world.happened == ["ts-0"]
    assert world.looked == [NOON]


async def test_a_definite_refusal_may_be_repeated_at_once() -> None:
    log, world = MemoryEffects(), World(["refused"])
    with pytest.raises(Refused):
        await once(log, effect(world))
    assert await once(log, effect(world)) == "ts-0"
    assert world.looked == []


@pytest.mark.parametrize("problem", [Unreachable("No account."), Refused("busy"), PermanentFault("gone")])
async def test_a_problem_reaches_the_caller_as_it_is(problem: Exception) -> None:
    async def fail() -> str:
        raise problem

    log = MemoryEffects()
    broken = Effect(**{**vars(effect(World())), "call": fail})
    with pytest.raises(type(problem)) as raised:
        await once(log, broken)
    assert raised.value is problem
    in_doubt = isinstance(problem, Fault) and not problem.definite
    assert bool(log.rows["case:post:1"].quiet_for) is in_doubt


async def test_an_overtaken_attempt_does_not_settle_over_a_newer_one() -> None:
    log, world = MemoryEffects(), World()

    async def overtaken() -> str:
        await log.settle_down()
        await once(log, effect(world))
        return "late"

    slow = Effect(**{**vars(effect(world)), "call": overtaken})
    with pytest.raises(TransientFault, match="newer attempt"):
        await once(log, slow)
    assert await once(log, effect(world)) == "ts-0"


@pytest.mark.feature(135)
@settings(deadline=None)
@given(st.lists(st.sampled_from(["lost answer", "lost request", "refused", "killed", ""]), max_size=8))
def test_the_world_sees_an_effect_once_however_often_it_broke(faults: list[str]) -> None:
    log, world = MemoryEffects(), World([*faults])
    for _ in range(len(faults) + 1):
        _step(log, world)
    assert world.happened == ["ts-0"]


def _step(log: MemoryEffects, world: World) -> None:
    """Try once, as a worker does, and let what is in doubt settle. Nothing here waits, so no loop is needed."""
    _driven(lambda: once(log, effect(world)))
    _driven(log.settle_down)


def _driven(start: Callable[[], object]) -> None:
    attempt = start()
    try:
        attempt.send(None)  # type: ignore[attr-defined]  # a coroutine that never waits ends at the first step
    except (StopIteration, Killed, Fault):
        return
