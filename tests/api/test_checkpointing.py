"""Checkpoints are written when they are due, and never of a ledger that does not continue what was signed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from adapters.checkpoint_files import CheckpointFiles
from adapters.postgres.chain import PostgresChain
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.pool import open_pool
from aims.acts import verify_keys_of
from aims.checkpoints import opened_note
from aims.errors import InvalidTransition
from api.checkpointing import EVERY, Checkpointing
from tests.builders import FOREIGN_KEY, KEY, KEYS, entry
from tests.servers import Database

MINUTE = EVERY.total_seconds()


@dataclass
class Scene:
    """A ledger, its checkpoints and a clock that the test moves."""

    writer: Checkpointing
    database: Database
    now: float = 0.0

    async def append(self, number: int, kind: str = "reminder_due") -> None:
        """Append an entry."""
        await self.writer.ledger.record([entry(f"key:{number}", "credit-scorer", kind=kind)])

    async def written(self, *, after: float = 0.0) -> int | None:
        """Let time pass, let the writer look, and return the size of what it wrote."""
        self.now += after
        checkpoint = await self.writer.write_when_due()
        return checkpoint.size if checkpoint else None

    async def cut(self, left: int) -> None:
        """Take the end of the chain away, as the owner of the database."""
        connection = await asyncpg.connect(self.database.owner)
        await connection.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_is_append_only")
        await connection.execute("DELETE FROM ledger_entry WHERE seq > $1", left)
        await connection.execute(
            "UPDATE ledger_head h SET seq = e.seq, hash = e.hash FROM ledger_entry e WHERE e.seq = $1", left
        )
        await connection.close()

    def restarted(self) -> "Scene":
        """Return the scene with a writer that remembers nothing."""
        again = replace(self.writer)
        scene = Scene(again, self.database, self.now)
        again.clock = lambda: scene.now
        return scene


@pytest_asyncio.fixture
async def scene(fresh_database: Database, tmp_path: Path) -> AsyncIterator[Scene]:
    """Return a writer on an empty ledger."""
    async with await open_pool(fresh_database.app, size=2) as pool:
        files = CheckpointFiles(tmp_path / "checkpoints")
        writer = Checkpointing(ledger=PostgresLedger(pool), chain=PostgresChain(pool), files=files, key=KEY, keys=KEYS)
        yield Scene(writer, fresh_database).restarted()


@pytest.mark.feature(94)
async def test_a_grown_ledger_is_signed_once_a_minute(scene: Scene) -> None:
    assert await scene.written() is None
    await scene.append(1)
    assert await scene.written() == 1
    await scene.append(2)
    assert await scene.written(after=MINUTE - 1) is None
    assert await scene.written(after=1) == 2
    assert await scene.written(after=MINUTE) is None
    assert opened_note(scene.writer.files.read(2), KEYS).size == 2


async def test_an_entry_into_operation_is_signed_at_once(scene: Scene) -> None:
    await scene.append(1)
    assert await scene.written() == 1
    await scene.append(2, kind="operation_entered")
    assert await scene.written() == 2
    await scene.append(3)
    assert await scene.written() is None


async def test_a_restarted_writer_goes_on_where_the_last_one_was(scene: Scene) -> None:
    await scene.append(1)
    await scene.written()
    again = scene.restarted()
    assert await again.written() is None
    await again.append(2)
    assert await again.written() == 2


@pytest.mark.feature(94)
@pytest.mark.parametrize("remembers", [True, False])
async def test_a_ledger_that_was_cut_off_is_never_signed_again(scene: Scene, *, remembers: bool) -> None:
    for number in (1, 2, 3):
        await scene.append(number)
    await scene.written()
    await scene.cut(2)
    writer = scene if remembers else scene.restarted()
    for number in range(3):
        with pytest.raises(InvalidTransition, match="No checkpoint is signed"):
            await writer.written(after=MINUTE)
        await writer.append(10 + number)
    assert scene.writer.files.sizes() == [3]


async def test_what_a_stranger_puts_into_the_folder_stops_nobody(scene: Scene) -> None:
    await scene.append(1)
    await scene.written()
    scene.writer.files.add(99, "junk\n")
    again = scene.restarted()
    await again.append(2)
    assert await again.written() == 2


async def test_a_new_key_goes_on_after_a_known_old_one(scene: Scene) -> None:
    await scene.append(1)
    await scene.written()
    scene.writer.key = FOREIGN_KEY
    again = scene.restarted()
    assert await again.written() is None
    await again.append(2)
    assert await again.written(after=MINUTE) == 2
    assert opened_note(scene.writer.files.read(2), verify_keys_of(FOREIGN_KEY.public_key())).size == 2


async def test_a_fault_stops_the_writer_only_until_it_has_passed(scene: Scene, tmp_path: Path) -> None:
    blocked = CheckpointFiles(tmp_path / "blocked")
    blocked.folder.write_text("in the way")
    scene.writer.files = blocked
    await scene.append(1)
    running = asyncio.create_task(scene.writer.write_for_ever())
    try:
        await asyncio.wait([running], timeout=0.2)
        assert not running.done()
        blocked.folder.unlink()
        assert await scene.written() == 1
    finally:
        running.cancel()
