"""Signatures of Slack requests seen in the last minutes; Slack signs no nonce. Source: reliability T2."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from adapters.postgres.pool import translate_faults

# Older requests are refused by their timestamp (five minutes either way), so twice that is enough.
KEPT_FOR = timedelta(minutes=10)
SEE_SIGNATURE = """
    WITH pruned AS (
        DELETE FROM slack_replay WHERE signature_digest IN (
            SELECT signature_digest FROM slack_replay WHERE seen_at < now() - $2::interval LIMIT 100
            FOR UPDATE SKIP LOCKED
        )
    )
    INSERT INTO slack_replay (signature_digest) VALUES ($1)
    ON CONFLICT (signature_digest) DO NOTHING RETURNING signature_digest
"""


@dataclass(frozen=True)
class PostgresReplays:
    """Remembers signatures for ten minutes, for all processes of the entrance."""

    pool: asyncpg.Pool

    async def first_time(self, signature: str) -> bool:
        """Return whether the signature was never seen before; fifty copies at once have one first."""
        digest = hashlib.sha256(signature.encode()).digest()
        with translate_faults():
            return await self.pool.fetchval(SEE_SIGNATURE, digest, KEPT_FOR) is not None
