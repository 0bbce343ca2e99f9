"""Commands about the keys that sign acts."""

from pathlib import Path
from typing import Annotated

import typer

from aims.errors import Invalid
from cli.credentials import SigningKey
from cli.output import say

app = typer.Typer(help="The keys that sign acts.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """Keep `keys` a group of commands."""


@app.command("new")
def new_key(folder: Annotated[Path, typer.Argument(help="Folder that gets the two files.")]) -> None:
    """Make a signing key (for the api only) and its public key (for workers and auditors)."""
    if folder.is_dir() and any(folder.iterdir()):
        raise Invalid(f"{folder} is not empty. Name a new folder, so that no key is ever overwritten.")
    key = SigningKey(folder)
    say(f"{key.private}: set AIMS_SIGNING_KEY_FILE of the api to it, and give it to nobody else.")
    say(f"{key.public}: append it to the file of AIMS_VERIFY_KEYS.")
