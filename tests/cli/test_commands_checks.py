"""`aims doctor`, `aims ledger verify` and `aims manifest`: what is wrong is named, with what to do."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.api.rest_desk import fresh
from tests.cli.command_line import CommandLine, command_line_of
from tests.organisation import Organisation, organisation
from tests.servers import Database, TestPostgres

ALTER_ENTRY = """
    ALTER TABLE ledger_entry DISABLE TRIGGER ledger_is_append_only;
    UPDATE ledger_entry SET payload = replace(payload, 'policy:use-minimal', 'policy:use-nothing') WHERE seq = {seq};
    ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_is_append_only;
"""
APPROVED = "SELECT min(seq) FROM ledger_entry WHERE kind = 'approved_by_policy'"
DEPENDENCIES = ["database", "temporal", "policies", "keys", "evidence store", "slack"]
DEAD_END = "127.0.0.1:9"


@pytest_asyncio.fixture
async def firm(
    temporal_env: WorkflowEnvironment, fresh_database: Database, *, tmp_path: Path
) -> AsyncIterator[Organisation]:
    """Run a company."""
    async with organisation(temporal_env, fresh_database, folder=tmp_path) as running:
        yield running


@pytest.mark.feature(116)
async def test_the_doctor_finds_everything_in_order(firm: Organisation) -> None:
    aims = command_line_of(firm)
    ran = await aims.run("doctor", "--json")
    assert [(one["what"], one["ok"]) for one in ran.json] == [(name, True) for name in DEPENDENCIES]
    assert ran.code == 0
    table = await aims.run("doctor")
    assert (table.code, "NOT OK" in table.out) == (0, False)


@pytest.mark.feature(116)
@pytest.mark.parametrize(
    ("changed", "what", "remedy"),
    [
        ({"DATABASE_URL": f"postgresql://aims@{DEAD_END}/aims"}, "database", "DATABASE_URL"),
        ({"TEMPORAL_ADDRESS": DEAD_END}, "temporal", "TEMPORAL_ADDRESS"),
        ({"TEMPORAL_NAMESPACE": "no-such-namespace"}, "temporal", "TEMPORAL_NAMESPACE"),
        ({"AIMS_POLICIES": "no-such-folder"}, "policies", "Restore it"),
        ({"AIMS_VERIFY_KEYS": "no-such-file"}, "keys", "aims keys new"),
        ({"AIMS_SIGNING_KEY": "no key"}, "keys", "aims keys new"),
        ({"AIMS_STORAGE_URL": "no-such-scheme://x"}, "evidence store", "AIMS_STORAGE_URL"),
        ({"AIMS_STORAGE_URL": "file:///dev/null/evidence"}, "evidence store", "AIMS_STORAGE_URL"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "AIMS_SLACK_API_URL": f"http://{DEAD_END}/"}, "slack", "SLACK_BOT_TOKEN"),
    ],
)
async def test_the_doctor_names_what_is_broken_and_the_remedy(
    firm: Organisation, changed: dict[str, str], *, what: str, remedy: str
) -> None:
    ran = await command_line_of(firm).given(**changed).run("doctor", "--json")
    assert ran.code == 1
    assert [one["what"] for one in ran.json if not one["ok"]] == [what]
    assert remedy in next(one["says"] for one in ran.json if one["what"] == what)
    assert "Traceback" not in ran.err


@pytest.mark.feature(116)
async def test_the_doctor_says_that_the_schema_is_missing(firm: Organisation, postgres: TestPostgres) -> None:
    empty = await postgres.empty_database()
    ran = await command_line_of(firm).given(DATABASE_URL=empty.owner).run("doctor", "--json")
    assert ran.code == 1
    assert "aims migrate" in next(one["says"] for one in ran.json if one["what"] == "database")


@pytest.mark.feature(98, 116)
async def test_a_clean_ledger_verifies(firm: Organisation) -> None:
    key = fresh("spell-checker")
    await firm.request(key)
    await firm.system_when(key, "in_operation")
    ran = await command_line_of(firm).run("ledger", "verify", "--json")
    assert (ran.code, ran.json["breaks"]) == (0, [])
    assert ran.json["entries"] == len(await firm.kinds(key))


@pytest.mark.feature(94, 98)
async def test_an_entry_that_the_owner_altered_is_named(firm: Organisation, fresh_database: Database) -> None:
    key = fresh("spell-checker")
    await firm.request(key)
    await firm.system_when(key, "in_operation")
    owner = await asyncpg.connect(fresh_database.owner)
    try:
        seq = await owner.fetchval(APPROVED)
        await owner.execute(ALTER_ENTRY.format(seq=seq))
    finally:
        await owner.close()
    ran = await command_line_of(firm).run("ledger", "verify")
    assert ran.code == 1
    assert f"Entry {seq} was altered" in ran.err


@pytest.mark.feature(104, 116)
def test_the_manifest_sends_everything_to_this_installation() -> None:
    aims = CommandLine({"DATABASE_URL": "postgresql://x@localhost/x", "AIMS_PUBLIC_URL": "https://aims.example/"})
    ran = aims.call("manifest")
    assert (ran.code, ran.err) == (0, "")
    manifest = json.loads(ran.out)
    address = "https://aims.example/slack/events"
    assert manifest["settings"]["interactivity"]["request_url"] == address
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert [command["url"] for command in manifest["features"]["slash_commands"]] == [address]
    assert "admin" not in " ".join(manifest["oauth_config"]["scopes"]["bot"])
