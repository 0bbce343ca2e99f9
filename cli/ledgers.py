"""Commands about the ledger."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.checkpoint_files import CheckpointFiles
from adapters.keys import verify_keys
from adapters.settings import Settings, load_settings, present
from aims.acts import VerifyKeys
from aims.checkpoints import Checkpoint, opened_note
from aims.errors import Incomplete, Invalid, InvalidTransition
from aims.inspection import sorted_out
from api.services import checkpointing
from cli.audits import Audit, Auditor, read_notes
from cli.databases import database
from cli.output import AsJson, print_json, say

app = typer.Typer(help="The evidence ledger.", no_args_is_help=True)

MOST_LINES = 50
Acts = Annotated[bool, typer.Option("--acts/--no-acts", help="Compare every decision with the act its person signed.")]


@app.callback()
def _ledger() -> None:
    """Keep `ledger` a group of commands."""


@app.command("verify")
def verify(*, acts: Acts = True, as_json: AsJson = False) -> None:
    """Check the chain, every signed checkpoint and the act behind every decision; exit 1 when one does not hold."""
    audit = asyncio.run(_verified(load_settings(), acts=acts))
    if as_json:
        print_json(_as_json(audit))
    else:
        _tell(audit)
    if audit.count:
        raise typer.Exit(1)


@app.command("checkpoint")
def checkpoint(*, as_json: AsJson = False) -> None:
    """Sign a checkpoint of the ledger as it is now; exit 1 when it does not continue the one before."""
    settings = load_settings()
    written = asyncio.run(_written(settings))
    if as_json:
        print_json(written.model_dump())
    else:
        say(f"{written.size} entries, root {written.root}; the checkpoint is in {settings.checkpoints}.")


@app.command("witness")
def witness(file: Annotated[Path, typer.Argument(help="Remembers the last checkpoint; keep it elsewhere.")]) -> None:
    """Remember the newest checkpoint; exit 1 and keep the one before when the ledger shrank or was rewritten."""
    settings = load_settings()
    remembered, newest = _before(file, settings), _newest(settings)
    if remembered and newest.size < remembered.size:
        raise InvalidTransition(
            f"The newest checkpoint covers {newest.size} entries, the remembered one {remembered.size}: "
            f"the ledger shrank, or its checkpoints were taken away. {file} was not changed."
        )
    audit = asyncio.run(_compared(settings, [newest, *([remembered] if remembered else [])]))
    if audit.count:
        _tell(audit)
        raise InvalidTransition(f"The ledger is not the one that was seen before. {file} was not changed.")
    _replace(file, CheckpointFiles(settings.checkpoints).read(newest.size))
    say(f"{newest.size} entries, root {newest.root}; remembered in {file}.")


async def _verified(settings: Settings, *, acts: bool) -> Audit:
    notes = read_notes(CheckpointFiles(settings.checkpoints))
    async with database() as pool:
        return await Auditor(pool, _keys(settings), acts=acts).audit(notes)


async def _compared(settings: Settings, checkpoints: list[Checkpoint]) -> Audit:
    async with database() as pool:
        return await Auditor(pool, _keys(settings), acts=False).compare(checkpoints)


async def _written(settings: Settings) -> Checkpoint:
    async with database() as pool:
        return await checkpointing(settings, pool).write_now()


def _as_json(audit: Audit) -> dict[str, Any]:
    return {
        "entries": audit.entries,
        "head": audit.head,
        "checkpoints": audit.checkpoints,
        "per_second": audit.per_second,
        "found": audit.count,
        "breaks": [one.model_dump() for one in audit.findings],
    }


def _tell(audit: Audit) -> None:
    for one in audit.findings[:MOST_LINES]:
        say(one.sentence())
    if audit.count > MOST_LINES:
        say(f"... and {audit.count - MOST_LINES} more; --json lists the first thousand.")
    found = f"{audit.count} breaks" if audit.count else "no break"
    say(f"{audit.entries} entries, {found}; head {audit.head}.")
    say(f"{audit.checkpoints} signed checkpoints; {audit.per_second} entries/s.")
    if not audit.checkpoints:
        say("Without a checkpoint nobody notices an end that was cut off. `aims ledger checkpoint` signs one.")


def _keys(settings: Settings) -> VerifyKeys:
    return verify_keys(present(settings.verify_keys, "AIMS_VERIFY_KEYS"))


def _newest(settings: Settings) -> Checkpoint:
    genuine, _ = sorted_out(read_notes(CheckpointFiles(settings.checkpoints)), _keys(settings))
    if not genuine:
        raise Incomplete("No checkpoint was signed by a known key. `aims ledger checkpoint` signs one.")
    return max(genuine, key=lambda one: one.size)


def _before(file: Path, settings: Settings) -> Checkpoint | None:
    """Return what was remembered; nothing the first time."""
    try:
        note = file.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise Invalid(f"{file} cannot be read. Name a file.") from cause
    return opened_note(note, _keys(settings))


def _replace(file: Path, note: str) -> None:
    """Write the note in one step, so that a crash leaves the one before."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_text(note, encoding="utf-8")
        fresh.replace(file)
    except OSError as cause:
        raise Invalid(f"{file} cannot be written. Name a file in a folder that exists.") from cause
