"""Commands about people and their API tokens."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters.people_file import read_people
from adapters.postgres.people import PostgresPeople
from adapters.postgres.tokens import PostgresTokens
from aims.errors import NotFound
from aims.people import Person
from cli.databases import database
from cli.output import say

people = typer.Typer(help="The people of the organisation.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens.", no_args_is_help=True)


@people.callback()
def _people() -> None:
    """Keep `people` a group of commands."""


@people.command("import")
def import_people(file: Annotated[Path, typer.Argument(help="TOML file with [[people]].")]) -> None:
    """Read people from a file; who is not in it any more becomes inactive."""
    known = read_people(file)
    asyncio.run(_import(known))
    say(f"{len(known)} people are known.")


@tokens.command("create")
def create_token(
    person: Annotated[str, typer.Argument(help="Id of the person, for example p-1001.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "cli",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
) -> None:
    """Make a token; it is printed once and kept only as a digest."""
    sys.stdout.write(asyncio.run(_create(person, label, days=days)) + "\n")


@tokens.command("revoke")
def revoke_token(person: str, label: str) -> None:
    """Revoke a person's tokens with a label."""
    say(f"{asyncio.run(_revoke(person, label))} tokens are revoked.")


async def _import(known: list[Person]) -> None:
    async with database() as pool:
        await PostgresPeople(pool).upsert(known)


async def _create(person: str, label: str, *, days: int) -> str:
    async with database() as pool:
        if not any(one.active for one in await PostgresPeople(pool).persons([person])):
            raise NotFound(f"Nobody active has the id {person}. `aims people import FILE` makes people known.")
        until = datetime.now(UTC) + timedelta(days=days)
        return await PostgresTokens(pool).create(person, label, expires_at=until)


async def _revoke(person: str, label: str) -> int:
    async with database() as pool:
        count = await PostgresTokens(pool).revoke(person, label)
    if not count:
        raise NotFound(f"{person} has no valid token with the label {label}. Name the label that it was made with.")
    return count
