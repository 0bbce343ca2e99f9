"""How commands print: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(value: Any) -> None:
    """Print a JSON value on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def print_table(title: str, columns: Sequence[str], *, rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout; wide when nobody looks, so that a pipe gets whole lines."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=180)
    console.print(table)


def _plain(text: str) -> Text:
    """Return the text as it is: no markup, and nothing that would steer a terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))


def say(text: str) -> None:
    """Print a line of progress on stderr."""
    sys.stderr.write(f"{text}\n")
