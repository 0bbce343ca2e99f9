"""Commands about the ledger."""

import asyncio

import typer

from adapters.postgres.ledger import PostgresLedger
from aims.evidence import Break, ChainedEntry, breaks
from cli.databases import database
from cli.output import AsJson, print_json, say

app = typer.Typer(help="The evidence ledger.", no_args_is_help=True)


@app.callback()
def _ledger() -> None:
    """Keep `ledger` a group of commands."""


@app.command("verify")
def verify(*, as_json: AsJson = False) -> None:
    """Recompute every link of the chain; exit 1 when one does not hold."""
    count, head, found = asyncio.run(_verified())
    if as_json:
        print_json({"entries": count, "head": head, "breaks": [one.model_dump() for one in found]})
    else:
        for one in found:
            say(f"Entry {one.seq} {one.reason}.")
        say(f"{count} entries, {'no break' if not found else f'{len(found)} breaks'}; head {head}.")
    if found:
        raise typer.Exit(1)


async def _verified() -> tuple[int, str, list[Break]]:
    """Return the number of entries, the hash of the last one, and every break, reading page by page."""
    found: list[Break] = []
    last: ChainedEntry | None = None
    async with database() as pool:
        async for entry in PostgresLedger(pool).stream():
            found.extend(breaks([entry], start=last))
            last = entry
        head = await PostgresLedger(pool).head()
    if head and (last is None or head.hash != last.hash):
        found.append(Break(seq=head.seq, reason="is not the head that the ledger remembers"))
    return (last.seq if last else 0), (last.hash if last else "-"), found
