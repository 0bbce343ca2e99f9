"""`aims system` and `aims task` against a served api: what people read, what programs read, and how it ends."""

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.services import Services, joined
from tests.api.rest_desk import RestDesk, fresh, rest_desk, served
from tests.api.tcp_gate import tcp_gate
from tests.cli.command_line import CommandLine
from tests.organisation import BUSINESS, OWNER, REQUESTER, RISK, ROOT, organisation
from tests.servers import TestPostgres

ADD_SYSTEM = """
    INSERT INTO ai_system (key, workflow_id, name, purpose, owner, requester, stage, requested_at)
    SELECT 'listed-' || n, 'listed-' || n, $1, 'To list.', 'p-1002', 'p-1001', 'rejected', now()
    FROM generate_series(1, $2) AS n
"""
EXAMPLE = ROOT / "examples" / "spell-checker.json"


@dataclass(frozen=True)
class Branch:
    """A served api and people with tokens at the command line."""

    desk: RestDesk
    services: Services
    url: str

    def of(self, person: str) -> CommandLine:
        """Return the command line of a person."""
        return CommandLine({"AIMS_PUBLIC_URL": self.url, "AIMS_TOKEN": self.desk.tokens[person]})


@pytest_asyncio.fixture(scope="module")
async def branch(
    temporal_env: WorkflowEnvironment, postgres: TestPostgres, *, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Branch]:
    """Serve the api of a company."""
    folder = tmp_path_factory.mktemp("branch")
    async with (
        organisation(temporal_env, await postgres.database(), folder=folder) as company,
        rest_desk(company) as desk,
        served(company.services) as url,
    ):
        yield Branch(desk, company.services, url)


def request_in(folder: Path, key: str, **changed: object) -> Path:
    """Write the example request under another key."""
    file = folder / f"{key}.json"
    file.write_text(json.dumps({**json.loads(EXAMPLE.read_text(encoding="utf-8")), "key": key, **changed}))
    return file


@pytest.mark.feature(116, 1, 2)
async def test_a_system_is_started_shown_and_followed(branch: Branch, tmp_path: Path) -> None:
    key, aims = fresh("spell-checker"), branch.of(REQUESTER)
    started = await aims.run("system", "start", request_in(tmp_path, key))
    assert (started.code, started.out) == (0, "")
    assert f"aims system show {key}" in started.err
    await branch.desk.company.system_when(key, "in_operation")
    shown = await aims.run("system", "show", key)
    assert (shown.code, shown.err) == (0, "")
    assert "in_operation" in shown.out
    told = await aims.run("system", "timeline", key, "--json")
    assert [entry["kind"] for entry in told.json] == await branch.desk.company.kinds(key)
    assert "operation entered" in (await aims.run("system", "timeline", key)).out


@pytest.mark.feature(116)
async def test_json_is_what_the_interface_answers(branch: Branch, tmp_path: Path) -> None:
    key, aims = fresh("spell-checker"), branch.of(REQUESTER)
    started = await aims.run("system", "start", request_in(tmp_path, key), "--json")
    assert (started.code, started.err, started.json["key"], started.json["owner"]) == (0, "", key, OWNER)
    await branch.desk.company.system_when(key, "in_operation")
    shown = await aims.run("system", "show", key, "--json")
    assert shown.json == (await branch.desk.get(f"/v1/systems/{key}")).json()


@pytest.mark.feature(116)
async def test_everybody_lists_what_they_owe(branch: Branch) -> None:
    case = await branch.desk.asked_to_vote(fresh("letter-writer"))
    owed = await branch.of(BUSINESS).run("task", "list", "--json")
    assert case.id in [one["id"] for one in owed.json]
    assert case.id in (await branch.of(BUSINESS).run("task", "list")).out
    assert (await branch.of(RISK).run("task", "list", "--json")).json == []


@pytest.mark.feature(116)
async def test_a_list_has_every_page_and_prints_names_as_they_are(branch: Branch) -> None:
    name = "Bold [/b] [red]name \x1b[31m:smile:"
    await branch.services.pool.execute(ADD_SYSTEM, name, 205)
    aims = branch.of(REQUESTER)
    listed = await aims.run("system", "list", "--stage", "rejected", "--json")
    assert len(listed.json) == len({one["key"] for one in listed.json}) == 205
    table = await aims.run("system", "list", "--stage", "rejected")
    assert table.code == 0
    assert "Bold [/b] [red]name" in table.out
    assert ":smile:" in table.out
    assert "\x1b" not in table.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["system", "show", "no-such-system"], "no AI system with the key no-such-system"),
        (["system", "show", "NOT A KEY"], "/path/key"),
        (["system", "timeline", "no-such-system"], "no AI system"),
        (["system", "list", "--stage", "nowhere"], "/query/stage"),
        (["system", "start", "no-such-file.json"], "Name a JSON file"),
    ],
)
async def test_a_refusal_is_a_sentence_on_stderr_and_exit_1(branch: Branch, arguments: list[str], says: str) -> None:
    ran = await branch.of(REQUESTER).run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.feature(116)
async def test_a_wrong_request_names_each_field(branch: Branch, tmp_path: Path) -> None:
    file = request_in(tmp_path, fresh("spell-checker"), name=7, unknown=1)
    ran = await branch.of(REQUESTER).run("system", "start", file)
    assert ran.code == 1
    assert "  /name: " in ran.err
    assert "  /unknown: " in ran.err


async def test_a_file_that_is_not_json_is_named_with_its_line(branch: Branch, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"key": \n nothing}')
    ran = await branch.of(REQUESTER).run("system", "start", file)
    assert ran.code == 1
    assert "broken.json is not JSON" in ran.err
    assert "line 2" in ran.err


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AIMS_TOKEN": ""}, "aims token create"),
        ({"AIMS_TOKEN": "aims_unknown"}, "aims token create"),
        ({"AIMS_TOKEN": "Größe\n"}, "aims token create"),
        ({"AIMS_PUBLIC_URL": "http://127.0.0.1:9"}, "Is it running?"),
        ({"AIMS_PUBLIC_URL": "http://api:port"}, "AIMS_PUBLIC_URL"),
        ({"AIMS_PUBLIC_URL": "nonsense"}, "AIMS_PUBLIC_URL"),
    ],
)
async def test_what_is_wrong_with_the_way_to_the_api_is_said(
    branch: Branch, changed: dict[str, str], says: str
) -> None:
    ran = await branch.of(REQUESTER).given(**changed).run("task", "list")
    assert (ran.code, ran.out) == (1, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


async def test_a_url_where_something_else_answers_is_said(branch: Branch) -> None:
    ran = await branch.of(REQUESTER).run("task", "list", "--url", f"{branch.url}/docs?")
    assert ran.code == 1
    assert "AIMS_PUBLIC_URL" in ran.err


@pytest.mark.feature(134)
async def test_a_start_that_is_still_being_worked_on_is_said(branch: Branch, tmp_path: Path) -> None:
    company, key = branch.desk.company, fresh("spell-checker")
    async with tcp_gate(company.env.client.service_client.config.target_host) as gate:
        client = await type(company.env.client).connect(gate.address, data_converter=company.env.client.data_converter)
        services = joined(company.settings, company.services.pool, client=client)
        async with served(services) as url:
            await gate.shut()
            aims = branch.of(REQUESTER).given(AIMS_PUBLIC_URL=url)
            ran = await aims.run("system", "start", request_in(tmp_path, key))
        await gate.open()
        await services.delivery.settle()
    assert ran.code == 0
    assert f"{key} is stored" in ran.err


@pytest.mark.parametrize("arguments", [["--nonsense"], ["system", "show"], ["system", "nonsense"], ["nonsense"]])
async def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    ran = await CommandLine().run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage" in ran.err


def test_the_module_is_the_command() -> None:
    done = run([sys.executable, "-m", "cli", "system", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("start", "list", "show", "timeline"))
