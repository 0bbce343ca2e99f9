"""Runs the Slack stand-in for a test, as `aims up` does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import slack_client
from cli.credentials import Vault
from cli.ports import Ports
from cli.slack_server import CHANNEL, SlackServer, slack_program
from cli.slackstand import SlackStand
from cli.supervisor import Supervisor
from tests.slack_samples import ADA, GRACE


@dataclass(frozen=True)
class Workspace:
    """A running workspace with Ada and Grace, and what the app needs to be its app."""

    stand: SlackStand
    client: AsyncWebClient
    signing_secret: str
    api_port: int
    channel: str = CHANNEL


@asynccontextmanager
async def workspace(folder: Path) -> AsyncIterator[Workspace]:
    """Run a workspace in the folder while the block runs; its app is expected at `api_port`."""
    program = slack_program()
    assert program, "the stand-in is not installed: run `npm ci`"
    people = folder / "people.toml"
    rows = [f'[[people]]\nid = "{one.id}"\nname = "{one.name}"\nemail = "{one.email}"\n' for one in (ADA, GRACE)]
    people.write_text("\n".join(rows))
    vault, ports = Vault(folder / "secrets"), Ports.any()
    server = SlackServer(folder, vault, ports, people)
    async with Supervisor(folder / "logs") as supervisor, SlackStand(server.url) as stand:
        await supervisor.start(server.prepare(program))
        client = slack_client(vault.password("slack-bot-token"), base_url=f"{server.url}/api/")
        yield Workspace(stand, client, vault.password("slack-signing-secret"), ports.api)
