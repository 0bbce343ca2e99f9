"""Reads of the whole chain for those who check it: its end, its hashes, and the acts behind its decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.evidence import ChainedEntry
from aims.receipts import RECEIPTED, KeptAct

REMEMBERED_HEAD = "SELECT seq, hash FROM ledger_head"
ENTRY = "SELECT seq, recorded_at, payload, prev_hash, hash FROM ledger_entry WHERE seq = $1"
HASHES = "SELECT hash FROM ledger_entry WHERE seq <= $1 ORDER BY seq"
KEPT_ACTS = "SELECT id, signed, system_key AS system, state FROM act WHERE id = ANY($1::text[])"
ACCEPTED = "SELECT id FROM act WHERE state = 'accepted' AND kind = ANY($1::text[]) ORDER BY settled_no"
# What is read by, beside the payload that is hashed; the database derives it, unless its owner took that away.
ASTRAY = """
    WITH page AS MATERIALIZED (
        SELECT seq, (key, system, case_id, kind, occurred_at) AS filed, payload::jsonb AS said
        FROM ledger_entry WHERE seq > $1 AND seq <= $2
    )
    SELECT seq FROM page WHERE filed IS DISTINCT FROM
        (said ->> 'key', said ->> 'system', said ->> 'case', said ->> 'kind', said ->> 'occurred_at')
    ORDER BY seq
"""


@dataclass(frozen=True)
class PostgresChain:
    """The ledger as an auditor reads it; changes nothing."""

    pool: asyncpg.Pool

    async def remembered_head(self) -> tuple[int, str]:
        """Return place and hash of the last entry as the database remembers them, not as they stand in the chain."""
        with translate_faults():
            row = await self.pool.fetchrow(REMEMBERED_HEAD)
        return (row["seq"], row["hash"]) if row else (0, "nothing")

    async def entry(self, seq: int) -> ChainedEntry | None:
        """Return the entry at a place."""
        with translate_faults():
            row = await self.pool.fetchrow(ENTRY, seq)
        return ChainedEntry(**row) if row else None

    async def hashes(self, size: int) -> list[str]:
        """Return the hashes of the first entries, oldest first."""
        with translate_faults():
            return [row["hash"] for row in await self.pool.fetch(HASHES, size)]

    async def kept_acts(self, ids: Sequence[str]) -> dict[str, KeptAct]:
        """Return acts by their ids; unknown ids are left out."""
        with translate_faults():
            rows = await self.pool.fetch(KEPT_ACTS, ids) if ids else []
        return {row["id"]: KeptAct(**row) for row in rows}

    async def accepted_acts(self) -> list[str]:
        """Return the ids of all acts that were accepted and that an entry has to name."""
        with translate_faults():
            return [row["id"] for row in await self.pool.fetch(ACCEPTED, list(RECEIPTED.values()))]

    async def astray(self, first: int, last: int) -> list[int]:
        """Return the places, above the first and up to the last, of entries filed under what they do not say."""
        with translate_faults():
            return [row["seq"] for row in await self.pool.fetch(ASTRAY, first, last)]
