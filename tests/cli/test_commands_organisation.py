"""`aims people`, `aims token` and `aims keys`: who may act, and with what."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.pool import open_pool
from adapters.postgres.tokens import PostgresTokens
from tests.cli.command_line import CommandLine
from tests.organisation import PEOPLE, REQUESTER
from tests.servers import Database


@pytest.fixture
def aims(fresh_database: Database) -> CommandLine:
    """Return a command line with a database of its own."""
    return CommandLine({"DATABASE_URL": fresh_database.app})


@pytest_asyncio.fixture
async def pool(fresh_database: Database) -> AsyncIterator[asyncpg.Pool]:
    """Open the same database."""
    async with await open_pool(fresh_database.app, size=1) as opened:
        yield opened


@pytest.mark.feature(116, 79)
async def test_people_are_imported_and_who_is_gone_becomes_inactive(
    aims: CommandLine, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    imported = await aims.run("people", "import", PEOPLE)
    assert (imported.code, imported.err) == (0, "12 people are known.\n")
    fewer = tmp_path / "people.toml"
    fewer.write_text('[[people]]\nid = "p-1001"\nname = "Rosa Keller"\nemail = "rosa.keller@example.org"\n')
    assert (await aims.run("people", "import", fewer)).code == 0
    active = await pool.fetch("SELECT id FROM person WHERE active")
    assert [row["id"] for row in active] == ["p-1001"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names nobody"),
        ("[[people]]\nid = 7\n", "person 1"),
        ("[[people]\n", "Correct the line"),
        ('[[people]]\nid = "p-1"\nname = "A"\nemail = "a@example.org"\nshoe = 42\n', "key shoe"),
    ],
)
async def test_a_wrong_file_of_people_changes_nobody(
    aims: CommandLine, pool: asyncpg.Pool, *, tmp_path: Path, text: str, says: str
) -> None:
    await aims.run("people", "import", PEOPLE)
    file = tmp_path / "people.toml"
    file.write_text(text)
    ran = await aims.run("people", "import", file)
    assert (ran.code, ran.out) == (1, "")
    assert says in ran.err
    assert await pool.fetchval("SELECT count(*) FROM person WHERE active") == 12


@pytest.mark.feature(116, 129)
async def test_a_token_works_until_it_is_revoked(aims: CommandLine, pool: asyncpg.Pool) -> None:
    await aims.run("people", "import", PEOPLE)
    made = await aims.run("token", "create", REQUESTER, "--label", "laptop")
    assert (made.code, made.err) == (0, "")
    token, tokens = made.out.strip(), PostgresTokens(pool)
    person = await tokens.person_of(token)
    assert person is not None
    assert person.id == REQUESTER
    revoked = await aims.run("token", "revoke", REQUESTER, "laptop")
    assert revoked.code == 0
    assert await tokens.person_of(token) is None


async def test_revoking_what_is_not_there_is_said(aims: CommandLine) -> None:
    await aims.run("people", "import", PEOPLE)
    await aims.run("token", "create", REQUESTER, "--label", "laptop")
    ran = await aims.run("token", "revoke", REQUESTER, "labtop")
    assert ran.code == 1
    assert "labtop" in ran.err


async def test_only_somebody_who_is_here_gets_a_token(aims: CommandLine, pool: asyncpg.Pool) -> None:
    await aims.run("people", "import", PEOPLE)
    await pool.execute("UPDATE person SET active = false WHERE id = $1", REQUESTER)
    for person in ("p-9999", REQUESTER):
        ran = await aims.run("token", "create", person)
        assert (ran.code, ran.out) == (1, "")
        assert "aims people import" in ran.err
    assert await pool.fetchval("SELECT count(*) FROM api_token") == 0


async def test_a_missing_variable_is_named(aims: CommandLine) -> None:
    ran = await aims.given(DATABASE_URL="").run("token", "create", REQUESTER)
    assert ran.code == 1
    assert "DATABASE_URL is missing. Set it" in ran.err


@pytest.mark.feature(116)
def test_a_new_key_pair_is_for_its_owner_alone_and_never_overwrites(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = CommandLine().call("keys", "new", folder)
    assert made.code == 0
    assert "AIMS_SIGNING_KEY_FILE" in made.err
    private = folder / "signing.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    before = private.read_bytes()
    again = CommandLine().call("keys", "new", folder)
    assert (again.code, private.read_bytes()) == (1, before)
    assert "Name a new folder" in again.err
