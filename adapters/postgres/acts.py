"""Acts as rows: stored with their free text and signature before they are acknowledged. Source: reliability 1."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import asyncpg
from pydantic import Field

from adapters.failpoints import reached
from adapters.postgres.pool import translate_faults
from adapters.postgres.transactions import transaction
from aims.acts import SignedAct
from aims.errors import Invalid, KeyTaken, NotFound, UnknownPerson
from aims.record import Record, SystemKey
from aims.systems import SystemProfile

ACT = """
    SELECT id, idempotency_key, system_key, signed, content, reply, state, rule, sentence, taken_at, settled_at
    FROM act
"""
# The person cannot be made inactive between this check and the commit.
PERSON_ACTIVE = "SELECT active FROM person WHERE id = $1 FOR SHARE"
OWNER_ACTIVE = "SELECT active FROM person WHERE id = $1"
TAKE_ACT = """
    INSERT INTO act (idempotency_key, system_key, signed, content, reply) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING id
"""
ACT_OF_KEY = f"{ACT} WHERE idempotency_key = $1"
ACT_STATE = "SELECT id AS act_id, true AS repeated, state, rule, sentence FROM act WHERE id = $1"
REGISTER_SYSTEM = """
    INSERT INTO ai_system (key, workflow_id, name, purpose, owner, requester, unit, stage, policy_digest, requested_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING key
"""
FREE_KEY = """
    SELECT candidate FROM (SELECT left($1, 58) || '-' || n AS candidate, n FROM generate_series(2, 9999) AS n) AS free
    WHERE NOT EXISTS (SELECT FROM ai_system WHERE key = candidate) ORDER BY n LIMIT 1
"""
CLAIM_PENDING = """
    UPDATE act SET claimed_until = now() + $3::interval
    WHERE id IN (
        SELECT id FROM act
        WHERE state = 'pending' AND taken_at <= now() - $1::interval AND coalesce(claimed_until, now()) <= now()
        ORDER BY taken_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""
ACTS_OF_IDS = f"{ACT} WHERE id = ANY($1::text[]) ORDER BY taken_at, id"
CLAIMED_FOR = timedelta(seconds=10)  # longer than one delivery; a killed sweeper must not hold acts for long

State = Literal["pending", "accepted", "refused"]


class NewAct(Record):
    """An act that the entrance just signed, with what must not leave PostgreSQL.

    `content` is the free text (reason, form, name and purpose), `reply` says where to answer; `profile` is what a
    start registers, in its first stage.
    """

    idempotency_key: str
    signed: SignedAct
    system_key: SystemKey
    content: dict[str, Any] = Field(default_factory=dict)
    reply: dict[str, str] | None = None
    profile: SystemProfile | None = None


class TakenAct(Record):
    """How a stored act stands; `repeated` when it was stored before."""

    act_id: str
    repeated: bool
    state: State
    rule: str | None = None
    sentence: str | None = None


class StoredAct(Record):
    """An act with everything that is stored of it."""

    id: str
    idempotency_key: str
    system_key: SystemKey
    signed: SignedAct
    content: dict[str, Any]
    reply: dict[str, str] | None
    state: State
    rule: str | None
    sentence: str | None
    taken_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class PostgresActs:
    """Stores acts, each once for its idempotency key, and hands out those that were not delivered."""

    pool: asyncpg.Pool

    async def take(self, new: NewAct) -> TakenAct:
        """Store an act, and register the system that it starts; the same key again returns the first act.

        Raises:
            UnknownPerson: When the person is not an active person of the organisation.
            Invalid: When the key was used for another request, or a start names no active owner.
            KeyTaken: When a system with the key exists; names a free one.

        """
        taken = await self._taken(new)
        reached("taken", new.signed.act.case)
        return taken

    async def _taken(self, new: NewAct) -> TakenAct:
        async with transaction(self.pool) as connection:
            if not await connection.fetchval(PERSON_ACTIVE, new.signed.act.person):
                raise UnknownPerson("You are not an active person of the organisation here, so nothing was changed.")
            signed = new.signed.model_dump(mode="json")
            key = new.idempotency_key
            taken = await connection.fetchval(TAKE_ACT, key, new.system_key, signed, new.content, new.reply)
            if taken is None:
                return _same(StoredAct(**await connection.fetchrow(ACT_OF_KEY, key)), new)
            if new.profile:
                await _register(connection, new.profile, workflow=new.signed.act.case)
            return TakenAct(act_id=taken, repeated=False, state="pending")

    async def state_of(self, act: str) -> TakenAct:
        """Return how a stored act stands.

        Raises:
            NotFound: When it is not stored.

        """
        with translate_faults():
            row = await self.pool.fetchrow(ACT_STATE, act)
        if row is None:
            raise NotFound(f"There is no act {act}.")
        return TakenAct(**row)

    async def pending(self, older_than: timedelta, limit: int = 100) -> list[StoredAct]:
        """Return acts that wait for longer than this, oldest first; for ten seconds nobody else gets them."""
        with translate_faults():
            claimed = await self.pool.fetch(CLAIM_PENDING, older_than, limit, CLAIMED_FOR)
            rows = await self.pool.fetch(ACTS_OF_IDS, [row["id"] for row in claimed])
        return [StoredAct(**row) for row in rows]


def _same(stored: StoredAct, new: NewAct) -> TakenAct:
    if _request(stored.signed) != _request(new.signed):
        raise Invalid("This key was used for another request. Choose a new one for a new request.")
    return TakenAct(act_id=stored.id, repeated=True, state=stored.state, rule=stored.rule, sentence=stored.sentence)


def _request(signed: SignedAct) -> tuple[str, ...]:
    act = signed.act
    return act.kind, act.case, act.step, act.person, act.verdict, act.digest


async def _register(connection: asyncpg.Connection, profile: SystemProfile, *, workflow: str) -> None:
    if not await connection.fetchval(OWNER_ACTIVE, profile.owner):
        raise Invalid("The owner is not an active person of the organisation.", fields={"/owner": "no such person"})
    named = (profile.key, workflow, profile.name, profile.purpose, profile.owner, profile.requester, profile.unit)
    first = (profile.stage, profile.policy_digest, profile.requested_at)
    if await connection.fetchval(REGISTER_SYSTEM, *named, *first):
        return
    free = await connection.fetchval(FREE_KEY, profile.key)
    raise KeyTaken(f"The key {profile.key} is taken. For another AI system use a free one, for example {free}.")
