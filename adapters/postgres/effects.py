"""The rows behind every outside effect. Source: reliability 4.1."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from adapters.failpoints import reached
from adapters.faults import TransientFault
from adapters.postgres.pool import translate_faults
from adapters.postgres.transactions import transaction
from aims.effects import Intent

MEAN_EFFECT = "INSERT INTO effect (key, kind, case_id) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING"
READ_EFFECT = """
    SELECT key, state, attempts AS fence, result, started_at,
        greatest(coalesce(quiet_until - clock_timestamp(), interval '0'), interval '0') AS quiet_for
    FROM effect WHERE key = $1 FOR UPDATE
"""
CLAIM_EFFECT = """
    UPDATE effect SET state = 'sending', attempts = attempts + 1, quiet_until = clock_timestamp() + $2::interval
    WHERE key = $1 RETURNING attempts
"""
SETTLE_EFFECT = """
    UPDATE effect SET state = 'done', result = $3, problem = NULL, settled_at = coalesce(settled_at, clock_timestamp())
    WHERE key = $1 AND (state = 'sending' AND attempts = $2 OR state = 'done' AND result = $3) RETURNING key
"""
RELEASE_EFFECT = """
    UPDATE effect SET state = 'new', problem = $3, quiet_until = NULL
    WHERE key = $1 AND state = 'sending' AND attempts = $2
"""
EFFECT_RESULTS = """
    SELECT key, result FROM effect WHERE case_id = $1 AND kind = $2 AND state = 'done' ORDER BY started_at, key
"""


@dataclass(frozen=True)
class PostgresEffects:
    """Fits the port `EffectLog`; waiting times are measured by the database's clock alone."""

    pool: asyncpg.Pool

    async def claim(self, key: str, *, kind: str, case: str, quiet: timedelta) -> Intent:
        """Take the fence for the next attempt, unless it is done or an earlier one still settles.

        A claimed intent in state `sending` leaves an earlier attempt in doubt: look it up before calling out.
        """
        async with transaction(self.pool) as connection:
            await connection.execute(MEAN_EFFECT, key, kind, case)
            intent = Intent(**await connection.fetchrow(READ_EFFECT, key), claimed=False)
            if intent.state == "done" or intent.quiet_for > timedelta(0):
                return intent
            fence = await connection.fetchval(CLAIM_EFFECT, key, quiet)
        reached("claimed", key)
        return intent.model_copy(update={"claimed": True, "fence": fence})

    async def settle(self, key: str, *, fence: int, result: str) -> None:
        """Record the result of an effect that happened; the same result again changes nothing.

        Raises:
            TransientFault: When a newer attempt holds the fence; what it finds is the result.

        """
        reached("called", key)
        with translate_faults():
            settled = await self.pool.fetchval(SETTLE_EFFECT, key, fence, result)
        if settled is None:
            raise TransientFault(f"A newer attempt of effect {key} was made meanwhile; its result counts.")

    async def release(self, key: str, *, fence: int, problem: str) -> None:
        """Record a definite refusal; nothing is changed when a newer attempt holds the fence."""
        with translate_faults():
            await self.pool.execute(RELEASE_EFFECT, key, fence, problem)

    async def results(self, case: str, *, kind: str) -> list[tuple[str, str]]:
        """Return (key, result) of the effects of one kind that happened for a case, oldest first."""
        with translate_faults():
            return [(row["key"], row["result"]) for row in await self.pool.fetch(EFFECT_RESULTS, case, kind)]
