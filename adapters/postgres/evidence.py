"""What is known of each stored piece of evidence; its bytes are in the object storage."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.record import Digest, PersonId, Record, SystemKey

ADD_EVIDENCE = """
    INSERT INTO evidence (digest, system_key, size, media_type, name, uploaded_by) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (digest, system_key) DO NOTHING
"""
EVIDENCE = "SELECT digest, system_key, size, media_type, name, uploaded_by, uploaded_at FROM evidence"
EVIDENCE_OF_DIGEST = f"{EVIDENCE} WHERE digest = $1 ORDER BY system_key"
EVIDENCE_OF_SYSTEM = f"{EVIDENCE} WHERE system_key = $1 ORDER BY uploaded_at, digest"


class NewEvidence(Record):
    """A piece of evidence whose bytes were just stored."""

    digest: Digest
    system_key: SystemKey
    size: int
    media_type: str
    name: str
    uploaded_by: PersonId


class StoredEvidence(NewEvidence):
    """A piece of evidence of one AI system."""

    uploaded_at: datetime


@dataclass(frozen=True)
class PostgresEvidence:
    """Knows which evidence belongs to which AI system."""

    pool: asyncpg.Pool

    async def add(self, new: NewEvidence) -> None:
        """Note a piece of evidence for a system; the first note counts."""
        with translate_faults():
            await self.pool.execute(ADD_EVIDENCE, *new.model_dump().values())

    async def get(self, digest: Digest) -> list[StoredEvidence]:
        """Return the notes on a piece of evidence, one for each system that it belongs to; none when unknown."""
        return await self._list(EVIDENCE_OF_DIGEST, digest)

    async def of_system(self, key: SystemKey) -> list[StoredEvidence]:
        """Return the evidence of a system, oldest first."""
        return await self._list(EVIDENCE_OF_SYSTEM, key)

    async def _list(self, statement: str, argument: str) -> list[StoredEvidence]:
        with translate_faults():
            return [StoredEvidence(**row) for row in await self.pool.fetch(statement, argument)]
