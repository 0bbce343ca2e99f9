"""The record in PostgreSQL: a step changes register, case, acts and ledger in one transaction, or nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg

from adapters.failpoints import reached
from adapters.postgres.gatecase import read_gate_case
from adapters.postgres.pool import translate_faults
from adapters.postgres.settlement import accept_acts, refuse_pending
from adapters.postgres.steps import Admission, admission_of, lock_system, write_case, write_system
from adapters.postgres.transactions import transaction
from aims.acts import VerifyKeys
from aims.dossier import Standing, standing_of
from aims.evidence import ChainedEntry, Entry
from aims.gate import check_gate, dossier_of
from aims.journal import Committed, Step

# Two copies of one refusal were made at different times; the second waits here and finds the first.
HOLD_KEY = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
KNOWN_ENTRIES = """
    SELECT e.seq FROM unnest($1::text[]) WITH ORDINALITY AS asked (key, place)
    JOIN ledger_entry e USING (key) ORDER BY asked.place
"""
APPEND = "SELECT seq, written FROM ledger_append($1::text[], $2::text[])"
ENTRIES = """
    SELECT seq, recorded_at, payload, prev_hash, hash FROM ledger_entry WHERE seq > $1 ORDER BY seq LIMIT $2
"""
HEAD = "SELECT seq, recorded_at, payload, prev_hash, hash FROM ledger_entry ORDER BY seq DESC LIMIT 1"
PAGE = 1000


@dataclass(frozen=True)
class PostgresLedger:
    """Fits the port `Ledger`; also reads the chain and records refusals.

    Every write locks the AI system's row first and the head of the chain last, so steps of one system follow each
    other, and the order of the chain is the order of the commits.
    """

    pool: asyncpg.Pool

    async def commit(self, step: Step) -> Committed:
        """Write a step whole, or nothing; a step whose entries are known changes nothing.

        Raises:
            InvalidTransition: When the register does not allow the move, the system or an act is unknown.
            ApprovalNotEvidenced: When the step moves into operation without having passed the gate.

        """
        async with transaction(self.pool) as connection:
            system = await lock_system(connection, step)
            # Only behind the lock: a late repetition must not undo what came after it.
            known = await _known(connection, step.entries)
            if known:
                return Committed(seqs=known, written=False)
            committed = await _write(connection, step, admission=admission_of(system, step.system))
        reached("written", step.key)
        return committed

    async def enter_operation(self, step: Step, keys: VerifyKeys) -> Standing:
        """Count the signed acts again and commit the move into operation in the same transaction.

        A known step changes nothing and returns the standing as the record gives it now.

        Raises:
            ApprovalNotEvidenced: When the acts do not add up; nothing is changed.
            InvalidTransition: When the register does not allow the move.

        """
        async with transaction(self.pool) as connection:
            system = await lock_system(connection, step)
            digest = (step.system and step.system.policy_digest) or system.policy_digest
            case = await read_gate_case(connection, system.key, policy_digest=digest)
            if await _known(connection, step.entries):
                return standing_of(case.snapshot.policy, dossier_of(case, keys))
            standing = check_gate(case, keys)
            await _write(connection, step, admission=admission_of(system, step.system, counted=True))
        reached("written", step.key)
        return standing

    async def record(self, entries: Sequence[Entry]) -> Committed:
        """Append entries that change nothing else, such as a refusal at the entrance; a known key keeps its entry."""
        async with transaction(self.pool) as connection:
            return await _append_first(connection, entries)

    async def refuse_act(self, act: str, entry: Entry, *, rule: str, sentence: str) -> bool:
        """Mark a pending act as refused and record it; return `False`, changing nothing, when it was settled before."""
        async with transaction(self.pool) as connection:
            refused = await refuse_pending(connection, act, rule=rule, sentence=sentence)
            if refused:
                await _append_first(connection, [entry])
            return refused

    async def entries(self, after: int = 0, limit: int = PAGE) -> list[ChainedEntry]:
        """Return the entries that follow a place in the chain, oldest first."""
        with translate_faults():
            return [ChainedEntry(**row) for row in await self.pool.fetch(ENTRIES, after, limit)]

    async def stream(self, after: int = 0) -> AsyncIterator[ChainedEntry]:
        """Yield every entry that follows a place in the chain, oldest first, page by page."""
        while page := await self.entries(after):
            for entry in page:
                yield entry
            after = page[-1].seq

    async def head(self) -> ChainedEntry | None:
        """Return the last entry; none while the chain is empty."""
        with translate_faults():
            row = await self.pool.fetchrow(HEAD)
        return ChainedEntry(**row) if row else None


async def _known(connection: asyncpg.Connection, entries: Sequence[Entry]) -> list[int]:
    """Return the places of the entries when all of them are known; nothing otherwise."""
    rows = await connection.fetch(KNOWN_ENTRIES, [entry.key for entry in entries])
    return [row["seq"] for row in rows] if len(rows) == len(entries) else []


async def _write(connection: asyncpg.Connection, step: Step, *, admission: Admission) -> Committed:
    await write_case(connection, step)
    await write_system(connection, step, admission=admission)
    await accept_acts(connection, step)
    committed = await _append(connection, step.entries)
    reached("writing", step.key)
    return committed


async def _append_first(connection: asyncpg.Connection, entries: Sequence[Entry]) -> Committed:
    """Append entries unless their keys are known, whatever is recorded under them."""
    await connection.execute(HOLD_KEY, entries[0].key)
    known = await _known(connection, entries)
    return Committed(seqs=known, written=False) if known else await _append(connection, entries)


async def _append(connection: asyncpg.Connection, entries: Sequence[Entry]) -> Committed:
    """Append entries; the last statement of its transaction, because it locks the chain for everybody."""
    rows = await connection.fetch(APPEND, [entry.key for entry in entries], [entry.payload() for entry in entries])
    return Committed(seqs=[row["seq"] for row in rows], written=any(row["written"] for row in rows))
