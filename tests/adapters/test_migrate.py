"""The migrations: once each, in order, one caller at a time."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from adapters.faults import PermanentFault
from adapters.postgres.migrate import migrate
from tests.servers import Database, TestPostgres

FIRST = "-- migrate:up\nCREATE TABLE note (text text);\n-- migrate:down\n"
SECOND = "-- migrate:up\nINSERT INTO note VALUES ('second');\n-- migrate:down\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with two migrations."""
    (tmp_path / "0001_note.sql").write_text(FIRST)
    (tmp_path / "0002_second.sql").write_text(SECOND)
    return tmp_path


@pytest.fixture
async def empty(postgres: TestPostgres) -> Database:
    """Return a database without a schema."""
    return await postgres.empty_database()


async def notes(database: Database) -> list[str]:
    """Return the texts that the migrations wrote."""
    connection = await asyncpg.connect(database.owner)
    rows = await connection.fetch("SELECT text FROM note")
    await connection.close()
    return [row["text"] for row in rows]


async def test_each_file_runs_once(empty: Database, files: Path) -> None:
    await migrate(empty.owner, files)
    await migrate(empty.owner, files)
    assert await notes(empty) == ["second"]


async def test_callers_wait_for_each_other(empty: Database, files: Path) -> None:
    slow = "-- migrate:up\nSELECT pg_sleep(0.3);\nINSERT INTO note VALUES ('slow');\n-- migrate:down\n"
    (files / "0003_slow.sql").write_text(slow)
    await asyncio.gather(*(migrate(empty.owner, files) for _ in range(4)))
    assert await notes(empty) == ["second", "slow"]


async def test_a_failing_file_changes_nothing_and_is_named(empty: Database, files: Path) -> None:
    bad = "-- migrate:up\nINSERT INTO note VALUES ('third');\nSELECT * FROM nowhere;\n-- migrate:down\n"
    (files / "0003_bad.sql").write_text(bad)
    with pytest.raises(PermanentFault, match=r"(?s)0003_bad\.sql.*nowhere"):
        await migrate(empty.owner, files)
    assert await notes(empty) == ["second"]


async def test_the_password_is_not_in_the_message(empty: Database, files: Path) -> None:
    with pytest.raises(PermanentFault) as caught:
        await migrate(empty.owner.replace("aims_owner:", "aims_owner:hunter2"), files)
    assert "hunter2" not in str(caught.value)
