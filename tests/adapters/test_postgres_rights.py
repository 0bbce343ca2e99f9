"""What the application role cannot do to the record, and that others cannot do it unseen."""

import asyncpg
import pytest

from aims.evidence import breaks
from aims.systems import Stage
from tests.adapters.records import Records
from tests.servers import Database

SYSTEM = "credit-scorer"

FORBIDDEN = (
    "UPDATE ledger_entry SET payload = '{}'",
    "DELETE FROM ledger_entry",
    "TRUNCATE ledger_entry",
    "INSERT INTO ledger_entry (seq, key, payload, recorded_at, prev_hash, hash) VALUES (9, 'k', '{}', '', '', '')",
    "UPDATE ledger_head SET seq = 0",
    "DELETE FROM ledger_head",
    "SELECT * FROM ledger_head FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE ledger_entry IN SHARE MODE; END $$",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_is_append_only",
    "DROP TRIGGER ledger_is_append_only ON ledger_entry",
    "ALTER TABLE ledger_entry ADD COLUMN note text",
    "DROP TABLE ledger_entry CASCADE",
    "ALTER FUNCTION ledger_append SECURITY INVOKER",
    "DROP FUNCTION ledger_append",
    "CREATE TABLE public.own (id int)",
    "SET session_replication_role = replica",
    "SET ROLE aims_owner",
    "UPDATE act SET signed = '{}'",
    "UPDATE policy SET document = '{}'",
    "DELETE FROM person",
    "DELETE FROM act",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_application_role_may_not(records: Records, statement: str) -> None:
    await records.register_system(SYSTEM)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await records.pool.execute(statement)


async def test_the_application_role_owns_nothing(records: Records) -> None:
    owned = await records.pool.fetch("SELECT relname FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER')")
    assert owned == []


async def test_a_stranger_cannot_append(records: Records, fresh_database: Database) -> None:
    owner = await asyncpg.connect(fresh_database.owner)
    try:
        rights = await owner.fetchval(
            "SELECT has_function_privilege('public', 'ledger_append(text[], text[])', 'EXECUTE')"
        )
    finally:
        await owner.close()
    assert rights is False
    assert await records.count("ledger_entry") == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET payload = payload", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"]
)
async def test_even_the_owner_is_stopped(fresh_database: Database, statement: str) -> None:
    owner = await asyncpg.connect(fresh_database.owner)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(statement)
    finally:
        await owner.close()


async def test_the_trigger_holds_for_replication_too(records: Records) -> None:
    armed = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'ledger_is_append_only'"
    assert await records.pool.fetchval(armed) == b"A"


TAMPERING = {
    "edited": "UPDATE ledger_entry SET payload = replace(payload, 'approved', 'rejected') WHERE seq = 2",
    "redated": "UPDATE ledger_entry SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2",
    "deleted": "DELETE FROM ledger_entry WHERE seq = 2",
    "swapped": "UPDATE ledger_entry SET seq = CASE seq WHEN 1 THEN 2 ELSE 1 END + 10 WHERE seq IN (1, 2)",
}


@pytest.mark.parametrize("kind", TAMPERING)
async def test_who_disarms_the_trigger_is_found_by_the_chain(
    records: Records, fresh_database: Database, kind: str
) -> None:
    await records.register_system(SYSTEM)
    await records.move(SYSTEM, Stage.RISK_ASSESSMENT)
    await records.move(SYSTEM, Stage.APPROVAL)
    assert list(breaks([one async for one in records.ledger.stream()])) == []
    owner = await asyncpg.connect(fresh_database.owner)
    try:
        await owner.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_is_append_only")
        await owner.execute(TAMPERING[kind])
    finally:
        await owner.close()
    assert list(breaks([one async for one in records.ledger.stream()]))
