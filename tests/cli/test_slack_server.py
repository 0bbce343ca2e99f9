"""The configuration of the Slack stand-in."""

import json
from pathlib import Path

import httpx
import pytest

from cli.credentials import Vault
from cli.ports import Ports
from cli.slack_server import SlackServer, slack_program
from cli.supervisor import StackFailed, Supervisor

PORTS = Ports(api=1042, slack=1043)
PEOPLE = '[[people]]\nid = "ada-lovelace"\nname = "Ada Lovelace"\nemail = "ada@example.org"\nroles = ["owner"]\n'


def server_for(folder: Path, people: str, *, ports: Ports = PORTS) -> SlackServer:
    """Return a stand-in for a people file with that content."""
    (folder / "people.toml").write_text(people)
    return SlackServer(folder, Vault(folder / "secrets"), ports, folder / "people.toml")


def test_everybody_of_the_people_file_is_in_the_channel_with_the_bot(tmp_path: Path) -> None:
    program = server_for(tmp_path, PEOPLE).prepare(Path("local-slack"))
    config = json.loads(Path(program.command[2]).read_text())
    (user,), (channel,), (app,) = config["users"], config["channels"], config["apps"]
    assert user | {"tz": ""} == {
        "id": "UADALOVELACE",
        "name": "ada-lovelace",
        "real_name": "Ada Lovelace",
        "email": "ada@example.org",
        "tz": "",
    }
    assert (channel["id"], channel["name"], channel["members"]) == (
        "C0AIGOV",
        "ai-governance",
        ["UADALOVELACE", "U0AIMS"],
    )
    assert (app["mode"], app["requestUrl"]) == ("events", "http://127.0.0.1:1042/slack/events")


def test_our_programs_get_the_secrets_of_the_stand_in_as_files(tmp_path: Path) -> None:
    server = server_for(tmp_path, PEOPLE)
    program = server.prepare(Path("local-slack"))
    (app,) = json.loads(Path(program.command[2]).read_text())["apps"]
    given = server.variables()
    assert Path(given["SLACK_BOT_TOKEN_FILE"]).read_text() == app["botToken"]
    assert Path(given["SLACK_SIGNING_SECRET_FILE"]).read_text() == app["signingSecret"]
    assert given["AIMS_SLACK_API_URL"] == "http://127.0.0.1:1043/api/"


@pytest.mark.parametrize("content", ["people = 1", "[[people]]\nid = 'x'", "[[", ""])
def test_a_people_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(StackFailed, match="needs"):
        server_for(tmp_path, content).prepare(Path("local-slack"))


@pytest.mark.e2e
async def test_the_stand_in_knows_the_people_and_takes_the_token(tmp_path: Path) -> None:
    server = server_for(tmp_path, PEOPLE, ports=Ports.any())
    program = slack_program()
    assert program is not None
    async with Supervisor(tmp_path / "logs") as supervisor, httpx.AsyncClient(base_url=server.url) as client:
        await supervisor.start(server.prepare(program))
        token = server.vault.password("slack-bot-token")
        answer = await client.post(
            "/api/users.lookupByEmail",
            data={"email": "ada@example.org"},
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.json()["user"]["id"] == "UADALOVELACE"


def test_no_program_is_found_where_none_is_installed(tmp_path: Path) -> None:
    assert slack_program(tmp_path) is None
