"""The stand-in for a Slack workspace: a local program with its own web page, when it is installed.

It keeps everything in memory and listens on all interfaces of the machine: it is for trying things out.
"""

import json
import platform
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.credentials import Vault
from cli.ports import Ports
from cli.supervisor import Program, StackFailed

CHANNEL = "C0AIGOV"
BOT = "U0AIMS"
SECRETS = {"slack-bot-token": "xoxb-", "slack-app-token": "xapp-", "slack-signing-secret": ""}
PROJECT = Path(__file__).parent.parent
MACHINES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


@dataclass(frozen=True)
class SlackServer:
    """A workspace with one app, one channel and a member for each person of the file."""

    folder: Path
    vault: Vault
    ports: Ports
    people: Path

    @property
    def url(self) -> str:
        """Where its web page is."""
        return f"http://127.0.0.1:{self.ports.slack}"

    def prepare(self, program: Path) -> Program:
        """Write its configuration and return what to run.

        Raises:
            StackFailed: When the people file cannot be used.

        """
        config = self.vault.keep("slack.json", json.dumps(self._config(), indent=2))
        return Program(
            name="slack",
            command=(
                str(program),
                "--config",
                str(config),
                "--port",
                str(self.ports.slack),
                "--base-host",
                "127.0.0.1",
            ),
            environment={"HOME": str(self.folder)},
            ready=self._answers,
        )

    def variables(self) -> dict[str, str]:
        """Return the variables that make our programs use the stand-in; secrets as files."""
        for name in SECRETS:
            self._secret(name)
        return {
            "SLACK_BOT_TOKEN_FILE": str(self.vault.path("slack-bot-token")),
            "SLACK_SIGNING_SECRET_FILE": str(self.vault.path("slack-signing-secret")),
            "AIMS_SLACK_API_URL": f"{self.url}/api/",
            "AIMS_SLACK_CHANNEL": CHANNEL,
        }

    def _config(self) -> dict[str, Any]:
        users = [_user(person) for person in read_people(self.people)]
        members = [*(user["id"] for user in users), BOT]
        return {
            "workspace": {"name": "AIMS", "domain": "aims", "teamId": "T0AIMS"},
            "apps": [
                {
                    "appId": "A0AIMS",
                    "botUserId": BOT,
                    "botName": "aims",
                    "botToken": self._secret("slack-bot-token"),
                    "appToken": self._secret("slack-app-token"),
                    "signingSecret": self._secret("slack-signing-secret"),
                    "mode": "events",
                    "requestUrl": f"http://127.0.0.1:{self.ports.api}/slack/events",
                }
            ],
            "users": users,
            "channels": [{"id": CHANNEL, "name": "ai-governance", "members": members}],
        }

    def _secret(self, name: str) -> str:
        return self.vault.password(name, prefix=SECRETS[name])

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{self.url}/_control/state")).is_success
        except httpx.TransportError:
            return False


def slack_program(project: Path = PROJECT) -> Path | None:
    """Return the stand-in's program for this machine, None when it is not installed."""
    machine = MACHINES.get(platform.machine().lower(), "unknown")
    name = f"local-slack-{platform.system().lower()}-{machine}"
    program = project / "node_modules" / name / "bin" / "local-slack"
    return program if program.is_file() else None


def read_people(path: Path) -> list[dict[str, Any]]:
    """Return the tables `[[people]]` of the file.

    Raises:
        StackFailed: When the file is missing or not of that form.

    """
    try:
        people: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["people"]
        return [{"id": each["id"], "name": each["name"], "email": each["email"]} for each in people]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise StackFailed(f"The people file {path} needs [[people]] with id, name and email ({error!r}).") from error


def _user(person: dict[str, Any]) -> dict[str, str]:
    return {
        "id": slack_id(person["id"]),
        "name": person["id"],
        "real_name": person["name"],
        "email": person["email"],
        "tz": "UTC",
    }


def slack_id(person: str) -> str:
    """Return the member id that the stand-in gives to a person."""
    return f"U{person.replace('-', '').upper()}"
