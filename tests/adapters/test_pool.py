"""The connection pool and the meaning of PostgreSQL's failures, against the real server."""

import asyncio

import asyncpg
import pytest

from adapters.faults import Fault, PermanentFault, TransientFault
from adapters.postgres.pool import open_pool, translate_faults
from tests.servers import TestPostgres


async def failing(dsn: str, *statements: str) -> Fault:
    """Run statements on one connection and return the fault of the last."""
    async with await open_pool(dsn) as pool, pool.acquire() as connection:
        for statement in statements[:-1]:
            await connection.execute(statement)
        with pytest.raises(Fault) as caught, translate_faults():
            await connection.execute(statements[-1])
    return caught.value


async def test_json_arrives_as_python_values(postgres_dsn: str) -> None:
    async with await open_pool(postgres_dsn) as pool:
        assert await pool.fetchval("SELECT $1::jsonb", {"a": [1, None]}) == {"a": [1, None]}


async def test_connections_give_up_early(postgres_dsn: str) -> None:
    async with await open_pool(postgres_dsn) as pool:
        assert await pool.fetchval("SHOW lock_timeout") == "2s"
        assert await pool.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"


async def test_a_broken_constraint_is_final_and_keeps_its_cause(owner_dsn: str) -> None:
    table = "CREATE TEMP TABLE t (k int CONSTRAINT only_once UNIQUE)"
    fault = await failing(owner_dsn, table, "INSERT INTO t VALUES (41)", "INSERT INTO t VALUES (41)")
    assert isinstance(fault, PermanentFault)
    assert "only_once" in str(fault)
    assert "41" not in str(fault)
    assert isinstance(fault.__cause__, asyncpg.UniqueViolationError)


@pytest.mark.parametrize(
    "statement", ["SELEC 1", "SELECT 1/0", "SELECT 'x'::int", "CREATE ROLE other", "SELECT * FROM nowhere"]
)
async def test_a_wrong_statement_is_final(postgres_dsn: str, statement: str) -> None:
    assert isinstance(await failing(postgres_dsn, statement), PermanentFault)


async def test_a_wrong_value_is_final(postgres_dsn: str) -> None:
    async with await open_pool(postgres_dsn) as pool:
        with pytest.raises(PermanentFault), translate_faults():
            await pool.fetchval("SELECT $1::int", "forty")


@pytest.mark.parametrize("code", ["40P01", "40001", "53300", "53100", "55P03", "57P01", "57P03", "08006", "58030"])
async def test_what_passes_by_itself_is_transient(postgres_dsn: str, code: str) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"
    assert isinstance(await failing(postgres_dsn, raising), TransientFault)


async def test_a_lost_connection_is_transient(postgres_dsn: str) -> None:
    assert isinstance(await failing(postgres_dsn, "SELECT pg_terminate_backend(pg_backend_pid())"), TransientFault)


async def test_a_closed_pool_is_transient(postgres_dsn: str) -> None:
    pool = await open_pool(postgres_dsn)
    await pool.close()
    with pytest.raises(TransientFault), translate_faults():
        await pool.fetchval("SELECT 1")


async def test_a_statement_that_takes_too_long_is_transient(postgres_dsn: str) -> None:
    async with await open_pool(postgres_dsn) as pool:
        with pytest.raises(TransientFault), translate_faults():
            await pool.fetchval("SELECT pg_sleep(5)", timeout=0.05)


async def test_a_server_that_is_away_is_transient() -> None:
    with pytest.raises(TransientFault):
        await open_pool("postgresql://aims:pw@/aims?host=/nowhere")


async def test_a_wrong_url_is_final() -> None:
    with pytest.raises(PermanentFault):
        await open_pool("postgresql://aims:pw@/aims?sslmode=perhaps")


async def test_cancelling_is_not_a_fault(postgres_dsn: str) -> None:
    async with await open_pool(postgres_dsn) as pool:
        with translate_faults():
            task = asyncio.create_task(pool.fetchval("SELECT pg_sleep(5)"))
            await asyncio.wait({task}, timeout=0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_a_stranger_without_the_password_is_refused(postgres: TestPostgres, postgres_dsn: str) -> None:
    socket = postgres.server.socket_folder
    password = postgres.server.vault.password("postgres-aims")
    for role in ("postgres", "aims", "aims_owner", "root"):
        with pytest.raises(Fault) as caught:
            await open_pool(f"postgresql://{role}:wrong@/postgres?host={socket}")
        assert "wrong" not in str(caught.value)
    assert password in postgres_dsn


async def test_the_two_roles_have_their_own_rights(postgres: TestPostgres) -> None:
    empty = await postgres.empty_database()
    async with await open_pool(empty.owner) as pool:
        assert await pool.fetchval("SELECT current_user") == "aims_owner"
        await pool.execute("CREATE TABLE t (k int)")
    assert isinstance(await failing(empty.app, "INSERT INTO t VALUES (1)"), PermanentFault)
    assert isinstance(await failing(empty.app, "CREATE TABLE u (k int)"), PermanentFault)
