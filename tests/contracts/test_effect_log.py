"""What the port `EffectLog` promises, in memory and in PostgreSQL: the recipe for effects that happen once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from activities.ports import EffectLog, Intent
from adapters.faults import TransientFault
from adapters.postgres.effects import PostgresEffects
from tests.contracts.effect_log import MemoryEffects

LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Recipe:
    """A log, and the way to let every attempt in doubt settle."""

    log: EffectLog
    settle_down: Callable[[], Awaitable[object]]

    async def claim(self, key: str = "key") -> Intent:
        """Claim the next attempt of an effect."""
        return await self.log.claim(key, kind="post", case="case", quiet=LONG)


@pytest.fixture(params=["memory", "postgres"])
def recipe(request: pytest.FixtureRequest, pool: asyncpg.Pool) -> Recipe:
    """Return an empty log."""
    if request.param == "memory":
        memory = MemoryEffects()
        return Recipe(memory, memory.settle_down)
    return Recipe(PostgresEffects(pool), lambda: pool.execute("UPDATE effect SET quiet_until = now()"))


async def test_the_first_attempt_may_call_out(recipe: Recipe) -> None:
    first = await recipe.claim()
    assert (first.claimed, first.state, first.fence, first.result) == (True, "new", 1, None)


async def test_an_attempt_in_doubt_has_to_settle(recipe: Recipe) -> None:
    await recipe.claim()
    second = await recipe.claim()
    assert (second.claimed, second.state) == (False, "sending")
    assert timedelta(0) < second.quiet_for <= LONG


async def test_a_settled_attempt_in_doubt_has_to_be_looked_up(recipe: Recipe) -> None:
    first = await recipe.claim()
    await recipe.settle_down()
    second = await recipe.claim()
    assert (second.claimed, second.state, second.fence) == (True, "sending", 2)
    assert second.started_at == first.started_at


async def test_what_is_done_stays_done(recipe: Recipe) -> None:
    first = await recipe.claim()
    await recipe.log.settle("key", fence=first.fence, result="ts-1")
    await recipe.log.settle("key", fence=first.fence, result="ts-1")
    again = await recipe.claim()
    assert (again.claimed, again.state, again.result) == (False, "done", "ts-1")


async def test_a_refused_attempt_leaves_nothing_in_doubt(recipe: Recipe) -> None:
    first = await recipe.claim()
    await recipe.log.release("key", fence=first.fence, problem="429")
    second = await recipe.claim()
    assert (second.claimed, second.state, second.fence) == (True, "new", 2)


async def test_an_overtaken_attempt_has_no_say(recipe: Recipe) -> None:
    first = await recipe.claim()
    await recipe.settle_down()
    second = await recipe.claim()
    with pytest.raises(TransientFault):
        await recipe.log.settle("key", fence=first.fence, result="late")
    await recipe.log.release("key", fence=first.fence, problem="late")
    assert not (await recipe.claim()).claimed
    await recipe.log.settle("key", fence=second.fence, result="ts-2")
    assert (await recipe.claim()).result == "ts-2"


async def test_of_concurrent_attempts_one_may_call_out(recipe: Recipe) -> None:
    claims = await asyncio.gather(*(recipe.claim() for _ in range(20)))
    assert sum(one.claimed for one in claims) == 1
    await recipe.settle_down()
    claims = await asyncio.gather(*(recipe.claim() for _ in range(20)))
    assert sum(one.claimed for one in claims) == 1


async def test_results_of_a_case_come_oldest_first(recipe: Recipe) -> None:
    for key in ("b", "a", "open"):
        claim = await recipe.claim(key)
        if key != "open":
            await recipe.log.settle(key, fence=claim.fence, result=f"ts-{key}")
    assert await recipe.log.results("case", kind="post") == [("b", "ts-b"), ("a", "ts-a")]
    assert await recipe.log.results("case", kind="ticket") == []
    assert await recipe.log.results("other", kind="post") == []
