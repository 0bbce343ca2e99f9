"""A ledger with decisions and checkpoints, and what somebody does to it who owns the database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from typer.testing import CliRunner, Result

from adapters.checkpoint_files import CheckpointFiles
from aims.acts import SignedAct
from aims.casefile import CaseView
from aims.dossier import DEPLOYMENT, USE
from aims.evidence import GENESIS, Entry, link
from aims.journal import Step
from cli.main import app
from tests.adapters.records import Records
from tests.builders import KEY, entry, profile, start, submission, vote
from tests.servers import Database

SYSTEM = "credit-scorer"
INSERT = "INSERT INTO ledger_entry (seq, key, payload, recorded_at, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6)"
ENTRIES = "SELECT seq, key, payload, recorded_at, prev_hash, hash FROM ledger_entry ORDER BY seq"
HEAD = "UPDATE ledger_head SET seq = $1, hash = $2"

Payloads = list[str]
Change = Callable[[Payloads], Payloads]


@dataclass(frozen=True)
class Ledger:
    """A ledger of eight entries; `owner` is a connection of somebody who switched the append-only trigger off."""

    records: Records
    owner: asyncpg.Connection
    files: CheckpointFiles

    async def verify(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Run the verifier; return its exit code and what it printed."""
        result = await self.run("verify", "--json", *options)
        return result.exit_code, json.loads(result.stdout)

    async def kinds(self) -> set[str]:
        """Run the verifier; return the kinds of what it found, the exit code having told the same."""
        code, said = await self.verify()
        assert code == (1 if said["breaks"] else 0)
        return {one["kind"] for one in said["breaks"]}

    async def run(self, *arguments: str) -> Result:
        """Run a command about the ledger, in a thread because it has a loop of its own."""
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["ledger", *arguments]))

    async def checkpoint(self) -> None:
        """Sign a checkpoint with the command."""
        assert (await self.run("checkpoint")).exit_code == 0

    async def decide(self, act: SignedAct, view: CaseView) -> None:
        """Store an act and record it as its process does."""
        await self.records.take(SYSTEM, act)
        step = Step(key=act.act.id, entries=[decision(act)], case=view, accepted_acts=[act.act.id])
        await self.records.ledger.commit(step)

    async def append(self, *entries: Entry) -> None:
        """Append entries through the front door."""
        await self.records.ledger.record(entries)

    async def do(self, *statements: str) -> None:
        """Execute statements as the owner."""
        for statement in statements:
            await self.owner.execute(statement)

    async def cut(self, left: int) -> None:
        """Take the end of the chain away and make the database forget it."""
        await self.rehash(lambda payloads: payloads[:left])

    async def rehash(self, change: Change) -> None:
        """Write the whole chain anew with other payloads, every link right."""
        rows = await self.owner.fetch(ENTRIES)
        await self.owner.execute("TRUNCATE ledger_entry")
        prev, seq = GENESIS, 0
        for seq, payload in enumerate(change([row["payload"] for row in rows]), start=1):
            at = rows[min(seq, len(rows)) - 1]["recorded_at"]
            linked = link(prev_hash=prev, seq=seq, recorded_at=at, payload=payload)
            await self.owner.execute(INSERT, seq, json.loads(payload)["key"], payload, at, prev, linked)
            prev = linked
        await self.owner.execute(HEAD, seq, prev)


def decision(act: SignedAct, **changes: Any) -> Entry:
    """Return the entry that a process makes of an act."""
    given = act.act
    said: dict[str, Any] = {"kind": "vote_recorded", "facts": {"verdict": given.verdict, "act": given.id}}
    key = f"{given.case}:{given.step}:{given.person}:vote_recorded"
    if given.kind == "submission":
        facts = {"form": given.step, "act": given.id, "facts": given.facts}
        said, key = {"kind": "submission_accepted", "facts": facts}, f"{given.case}:{given.step}:submission_accepted"
    said |= {"case": given.case, "actor": given.person, "content_digest": given.digest}
    return entry(key, SYSTEM, **{**said, **changes})


def noted(number: int) -> Entry:
    """Return an entry that is no decision."""
    return entry(f"noted:{number}", SYSTEM, kind="reminder_due")


def edited(payload: str, **changes: Any) -> str:
    """Return a payload that says something else."""
    return Entry.model_validate_json(payload).model_copy(update=changes).payload()


def at(place: int, change: Callable[[str], str]) -> Change:
    """Return the change of one payload, counted from 0."""
    return lambda payloads: [*payloads[:place], change(payloads[place]), *payloads[place + 1 :]]


@asynccontextmanager
async def ledger_of(
    database: Database, pool: asyncpg.Pool, *, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ledger]:
    """Fill a fresh database: entries 3 to 6 are decisions, checkpoints are after entries 4 and 8."""
    settings = {**_key_files(folder), "DATABASE_URL": database.app, "AIMS_CHECKPOINTS": str(folder / "checkpoints")}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    owner = await asyncpg.connect(database.owner)
    try:
        await owner.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_is_append_only")
        ledger = Ledger(Records(pool), owner, CheckpointFiles(folder / "checkpoints"))
        await ledger.records.prepare()
        await _fill(ledger)
        yield ledger
    finally:
        await owner.close()


async def _fill(ledger: Ledger) -> None:
    begun = start(SYSTEM)
    await ledger.records.take(SYSTEM, begun, profile=profile(SYSTEM))
    await ledger.records.ledger.commit(Step(key="start", entries=[noted(1)], accepted_acts=[begun.act.id]))
    await ledger.append(noted(2))
    for form in ("risk-assessment", "go-live"):
        await ledger.decide(*submission(SYSTEM, form))
    await ledger.checkpoint()
    await ledger.decide(*vote(SYSTEM, USE, person="lena"))
    await ledger.decide(*vote(SYSTEM, DEPLOYMENT, person="olga"))
    await ledger.append(noted(7), noted(8))
    await ledger.checkpoint()


def _key_files(folder: Path) -> dict[str, str]:
    private, public = folder / "signing.pem", folder / "verify.pem"
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return {"AIMS_SIGNING_KEY_FILE": str(private), "AIMS_VERIFY_KEYS": str(public)}
