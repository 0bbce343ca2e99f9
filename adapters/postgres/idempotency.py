"""First answers of the REST interface: the same key again gets the same answer."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.errors import Invalid
from aims.record import Digest, Record

GET_ANSWER = "SELECT request_digest, status, body FROM idempotency WHERE caller = $1 AND key = $2"
PUT_ANSWER = """
    INSERT INTO idempotency (caller, key, request_digest, status, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (caller, key) DO NOTHING
"""


class Answer(Record):
    """What a request was answered with."""

    request_digest: Digest
    status: int
    body: Any


@dataclass(frozen=True)
class PostgresIdempotency:
    """Keeps the first answer for each caller and key."""

    pool: asyncpg.Pool

    async def get(self, caller: str, key: str, *, request_digest: Digest) -> Answer | None:
        """Return the first answer, if there was one.

        Raises:
            Invalid: When the key was used for another request.

        """
        with translate_faults():
            row = await self.pool.fetchrow(GET_ANSWER, caller, key)
        if row and row["request_digest"] != request_digest:
            raise Invalid("This Idempotency-Key was used for another request. Choose a new one for a new request.")
        return Answer(**row) if row else None

    async def put(self, caller: str, key: str, *, answer: Answer) -> Answer:
        """Keep an answer unless there is one, and return the one that counts.

        Raises:
            Invalid: When the key was used for another request.

        """
        with translate_faults():
            await self.pool.execute(PUT_ANSWER, caller, key, answer.request_digest, answer.status, answer.body)
        return await self.get(caller, key, request_digest=answer.request_digest) or answer
