"""The schema says what it is for, and every statement fits it."""

import importlib
import pkgutil
from types import ModuleType

import asyncpg

import adapters.postgres
import adapters.ticketing.local
from adapters.postgres import migrate
from adapters.postgres.pool import open_pool

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
UNCOMMENTED = """
    SELECT c.relname || coalesce('.' || a.attname, '')
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
        AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)
    UNION ALL
    SELECT proname FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
"""


def modules() -> list[ModuleType]:
    """Import every module that may hold statements."""
    package = adapters.postgres
    names = [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    return [*(importlib.import_module(name) for name in names), adapters.ticketing.local]


def statements() -> dict[str, str]:
    """Find every statement: a constant in capitals that begins with a verb of SQL."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.lstrip().startswith(VERBS)
    }


async def test_the_application_role_can_prepare_every_statement(postgres_dsn: str) -> None:
    broken = {}
    async with await open_pool(postgres_dsn, size=1) as pool, pool.acquire() as connection:
        for name, statement in statements().items():
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as problem:
                broken[name] = str(problem)
    assert broken == {}


def test_statements_are_found_in_every_repository() -> None:
    without = {"pool", "migrate", "transactions"}
    found = {name.split(".")[-2] for name in statements()}
    assert {module.__name__.rsplit(".", 1)[-1] for module in modules()} - without == found


async def test_every_table_column_and_function_says_what_it_is_for(owner_dsn: str) -> None:
    owner = await asyncpg.connect(owner_dsn)
    try:
        assert [row[0] for row in await owner.fetch(UNCOMMENTED)] == []
    finally:
        await owner.close()


def test_every_migration_can_be_taken_back() -> None:
    files = sorted(migrate.MIGRATIONS.glob("*.sql"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for file in files:
        assert "-- migrate:up" in file.read_text()
        assert "DROP TABLE" in file.read_text().split("-- migrate:down")[1]
