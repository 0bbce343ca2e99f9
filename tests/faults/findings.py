"""Reads what a run left behind: the database in plain SQL, the stand-in's messages, the workflows' own views."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import asyncpg
from temporalio.client import Client

from adapters.people_file import read_people
from aims.evidence import ChainedEntry
from cli.cast import CHANNEL, slack_user
from cli.embedded import EmbeddedStack
from cli.slackstand import Message, SlackStand
from tests.faults.journey import Acknowledged
from tests.faults.oracles import Act, Case, Findings, Shown

ACTS = "SELECT id, kind, case_id AS case, person_id AS person, state FROM act ORDER BY taken_at"
CHAIN = "SELECT seq, recorded_at, payload, prev_hash, hash FROM ledger_entry ORDER BY seq"
SYSTEMS = "SELECT key, stage FROM ai_system"
CASES = "SELECT id, open, outcome, view FROM process_case"
EFFECTS = "SELECT key, state FROM effect"
TICKETS = "SELECT title, state FROM ticket"


async def collect(stack: EmbeddedStack, stand: SlackStand | None, *, acknowledged: list[Acknowledged]) -> Findings:
    """Return everything that the oracles judge."""
    connection = await asyncpg.connect(stack.database_url(), timeout=5)
    try:
        cases = [_case(row) for row in await connection.fetch(CASES)]
        systems = {row["key"]: row["stage"] for row in await connection.fetch(SYSTEMS)}
        return Findings(
            acknowledged=acknowledged,
            acts=[Act(**row) for row in await connection.fetch(ACTS)],
            chain=[ChainedEntry(**row) for row in await connection.fetch(CHAIN)],
            systems=systems,
            cases=cases,
            effects={row["key"]: row["state"] for row in await connection.fetch(EFFECTS)},
            tickets=[(row["title"], row["state"]) for row in await connection.fetch(TICKETS)],
            messages=await _messages(stack, stand) if stand else None,
            progress=await _progress(stack.client, [*(f"system:{key}" for key in systems), *(one.id for one in cases)]),
        )
    finally:
        await connection.close()


# A step that was being written when the kill came may still be written; it shows nothing.
UNDER_WAY_SECONDS = 0.05


def recovery(killed_at: float, chain: Iterable[ChainedEntry]) -> float | None:
    """Return the seconds until the first step that was recorded after a kill, by the database's clock."""
    steps = (one for one in chain if json.loads(one.payload)["kind"] != "attempt_refused")
    times = (datetime.fromisoformat(one.recorded_at).timestamp() for one in steps)
    return next((at - killed_at for at in times if at > killed_at + UNDER_WAY_SECONDS), None)


def _case(row: Any) -> Case:
    view = json.loads(row["view"])
    asked = [(panel["stage"], who) for panel in view["panels"] for group in panel["groups"] for who in group["members"]]
    if view["process"] != "approval":
        asked = [(view["step"], who) for who in view["people"]]
    return Case(id=row["id"], open=row["open"], outcome=row["outcome"], people=tuple(dict.fromkeys(asked)))


async def _messages(stack: EmbeddedStack, stand: SlackStand) -> list[Shown]:
    direct = [await stand.direct(slack_user(person.id)) for person in read_people(stack.people)]
    seen = [message for channel in (CHANNEL, *direct) for message in await stand.messages(channel)]
    return [_shown(message) for message in seen if _marker(message).startswith("aims-")]


def _shown(message: Message) -> Shown:
    return Shown(marker=_marker(message), buttons=bool(message.buttons), text=message.shown)


def _marker(message: Message) -> str:
    return str(message.blocks[0].get("block_id", "")) if message.blocks else ""


async def _progress(client: Client, cases: list[str]) -> dict[str, str]:
    views = {case: await client.get_workflow_handle(case).query("progress") for case in cases}
    return {case: str(view.get("stage", view.get("outcome"))) for case, view in views.items() if view}
