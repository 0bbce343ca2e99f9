"""Commands of the embedded stack: everything on one machine, in one folder."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from adapters.logs import configure_logs
from cli.demonstration import run_demonstration
from cli.embedded import EmbeddedStack, run
from cli.output import say
from cli.ports import Ports
from workflows.visibility import ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
Folder = Annotated[Path, typer.Option("--folder", help="Data folder; everything is kept there.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free one and remembers it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(up)
    app.command()(demo)


def up(
    *,
    folder: Folder = Path(".aims"),
    slack: Annotated[str, typer.Option(help="local (stand-in), workspace (yours) or none.")] = "local",
    api_port: Port = 0,
    temporal_port: Port = 0,
    temporal_ui_port: Port = 0,
    slack_port: Port = 0,
) -> None:
    """Start everything and stay until Ctrl-C; what was done before is still there."""
    if slack not in {"local", "workspace", "none"}:
        raise typer.BadParameter("choose local, workspace or none", param_hint="--slack")
    configure_logs("WARNING")
    ports = Ports(api=api_port, temporal=temporal_port, temporal_ui=temporal_ui_port, slack=slack_port)
    code = run(embedded(folder, ports, slack=slack), _announce)
    raise typer.Exit(code)


def demo(*, folder: Folder = Path(".aims")) -> None:
    """Start everything, drive three AI systems through their lives, say what happened, and stop."""
    configure_logs("ERROR")
    asyncio.run(run_demonstration(embedded(folder, Ports(), slack="local")))


def embedded(folder: Path, ports: Ports, *, slack: str) -> EmbeddedStack:
    """Return the stack of a folder with the examples' people and the shipped policies."""
    return EmbeddedStack(
        folder=folder,
        people=ROOT / "examples" / "people.toml",
        policies=ROOT / "policies",
        ports=ports,
        slack=slack == "local",
        workspace=slack == "workspace",
        attributes=ATTRIBUTES,
    )


def _announce(stack: EmbeddedStack) -> None:
    places = {"api": "REST, with /docs", "temporal_ui": "Temporal UI", "slack": "Slack stand-in"}
    say("AIMS is up. Ctrl-C stops it; everything is kept.")
    for name, url in stack.urls.items():
        say(f"  {places.get(name, name):<18} {url}")
    if "slack" not in stack.urls:
        say("  No Slack stand-in: `npm ci` installs it. REST works.")
