"""Tokens of the REST interface: shown once, kept as digests."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.people import Person
from aims.record import PersonId

KEEP_DIGEST = "INSERT INTO api_token (digest, person_id, label, expires_at) VALUES ($1, $2, $3, $4)"
PERSON_OF_DIGEST = """
    SELECT p.id, p.name, p.email, p.roles, p.manager, p.active
    FROM api_token t JOIN person p ON p.id = t.person_id
    WHERE t.digest = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()) AND p.active
"""
REVOKE_LABEL = """
    UPDATE api_token SET revoked_at = now() WHERE person_id = $1 AND label = $2 AND revoked_at IS NULL RETURNING label
"""
TOKEN_BYTES = 32


@dataclass(frozen=True)
class PostgresTokens:
    """Makes, recognises and revokes tokens."""

    pool: asyncpg.Pool

    async def create(self, person: PersonId, label: str, *, expires_at: datetime | None = None) -> str:
        """Return a new token of a person; its text cannot be had again."""
        token = f"aims_{secrets.token_urlsafe(TOKEN_BYTES)}"
        with translate_faults():
            await self.pool.execute(KEEP_DIGEST, _digest(token), person, label, expires_at)
        return token

    async def person_of(self, token: str) -> Person | None:
        """Return the active person who acts with a token that is neither expired nor revoked."""
        with translate_faults():
            row = await self.pool.fetchrow(PERSON_OF_DIGEST, _digest(token))
        return Person(**row) if row else None

    async def revoke(self, person: PersonId, label: str) -> int:
        """Revoke a person's tokens with a label for ever, and return how many there were."""
        with translate_faults():
            return len(await self.pool.fetch(REVOKE_LABEL, person, label))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
