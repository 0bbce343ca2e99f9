"""Commands about AI systems and about what the caller owes, through the REST interface."""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from aims.errors import Invalid
from cli.output import AsJson, print_json, print_table, say
from cli.rest import Rest

app = typer.Typer(help="AI systems under governance.", no_args_is_help=True)
tasks = typer.Typer(help="What you owe.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--url", envvar="AIMS_PUBLIC_URL", help="Where the api is.")]
Token = Annotated[str, typer.Option("--token", envvar="AIMS_TOKEN", help="Your API token.")]
Key = Annotated[str, typer.Argument(help="Key of the system, for example credit-scorer.")]
LOCAL = "http://127.0.0.1:8042"


@app.command("start")
def start(
    file: Annotated[Path, typer.Argument(help="JSON file: key, name, purpose, owner, unit, answers.")],
    *,
    url: Url = LOCAL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Start the life cycle of a system."""
    body = _content(file)
    with Rest(url, token) as rest:
        view = rest.post("/v1/systems", body)
    if as_json:
        print_json(view)
    elif view.get("state") == "pending":
        say(f"{view['case'].removeprefix('system:')} is stored, and taken up as soon as everything answers.")
    else:
        say(f"{view['key']} is taken up. `aims system show {view['key']}` tells where it stands.")


@app.command("list")
def list_systems(
    *,
    stage: Annotated[str | None, typer.Option(help="Only systems in this stage.")] = None,
    url: Url = LOCAL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """List the register."""
    with Rest(url, token) as rest:
        items = _all_pages(rest, {"stage": stage} if stage else {})
    if as_json:
        print_json(items)
        return
    columns = ("key", "name", "stage", "tier", "owner", "next_review_at")
    print_table("AI systems", columns, rows=[[str(item.get(name) or "-") for name in columns] for item in items])


@app.command("show")
def show(key: Key, *, url: Url = LOCAL, token: Token = "", as_json: AsJson = False) -> None:
    """Show where a system stands and what is open."""
    with Rest(url, token) as rest:
        view = rest.get(_path(key))
    if as_json:
        print_json(view)
        return
    names = ("key", "name", "purpose", "stage", "tier", "risk_class", "owner", "requester", "next_review_at")
    print_table(f"AI system {key}", ("what", "is"), rows=[[name, str(view.get(name) or "-")] for name in names])
    cases = [[one["id"], one["step"], ", ".join(one["waiting_for"]), one["due_at"]] for one in view["open_cases"]]
    print_table("Open", ("case", "step", "waiting for", "due"), rows=cases)


@app.command("timeline")
def timeline(key: Key, *, url: Url = LOCAL, token: Token = "", as_json: AsJson = False) -> None:
    """Show what happened to a system, oldest first."""
    with Rest(url, token) as rest:
        items = rest.get(f"{_path(key)}/timeline")["items"]
    if as_json:
        print_json(items)
    else:
        print_table(f"Timeline of {key}", TIMELINE_COLUMNS, rows=[timeline_row(item) for item in items])


@tasks.callback()
def _tasks() -> None:
    """Keep `task` a group of commands."""


@tasks.command("list")
def list_tasks(*, url: Url = LOCAL, token: Token = "", as_json: AsJson = False) -> None:
    """List what you owe, the most urgent first."""
    with Rest(url, token) as rest:
        items = rest.get("/v1/tasks")["items"]
    if as_json:
        print_json(items)
        return
    rows = [[one["id"], one["process"], one["step"], one["due_at"]] for one in items]
    print_table("You owe", ("case", "process", "step", "due"), rows=rows)


TIMELINE_COLUMNS = ("when", "what", "who", "case", "evidence for")


def timeline_row(entry: dict[str, Any]) -> list[str]:
    """Return the row of a ledger entry."""
    when = str(entry["occurred_at"])[:16].replace("T", " ")
    kind = str(entry["kind"]).replace("_", " ")
    if entry["kind"] == "stage_entered":
        kind = f"{kind}: {str(entry['facts']['stage']).replace('_', ' ')}"
    return [when, kind, str(entry["actor"]), str(entry["case"]), ", ".join(entry["clauses"])]


def _all_pages(rest: Rest, wanted: dict[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = rest.get("/v1/systems", limit=200, **wanted, **cursor)
        items += page["items"]
        if not page["next"]:
            return items
        cursor = {"cursor": page["next"]}


def _path(key: str) -> str:
    return f"/v1/systems/{quote(key, safe='')}"


def _content(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise Invalid(f"{file} cannot be read: {cause.strerror}. Name a JSON file.") from cause
    except ValueError as cause:
        raise Invalid(f"{file.name} is not JSON: {cause}. Correct the line.") from cause
