"""A witness outside notices what nobody can tell from the database and its checkpoints alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.postgres.pool import open_pool
from aims.checkpoints import opened_note
from tests.builders import KEYS
from tests.cli.tampering import Ledger, at, edited, ledger_of, noted
from tests.servers import Database


@pytest_asyncio.fixture
async def ledger(fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ledger]:
    """Return a sound ledger with two checkpoints, and the connection of its owner."""
    async with (
        await open_pool(fresh_database.app, size=2) as pool,
        ledger_of(fresh_database, pool, folder=tmp_path, monkeypatch=monkeypatch) as ready,
    ):
        yield ready


@pytest.mark.feature(94)
async def test_a_witness_remembers_and_accepts_growth(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    for _ in range(2):
        assert (await ledger.run("witness", str(file))).exit_code == 0
        assert file.read_text() == ledger.files.read(ledger.files.sizes()[-1])
        await ledger.append(noted(9))
        await ledger.checkpoint()


@pytest.mark.feature(94)
async def test_a_witness_refuses_a_shrunken_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """Database and checkpoints were restored together; only the witness knows."""
    file = tmp_path / "elsewhere"
    await ledger.run("witness", str(file))
    await ledger.cut(4)
    await ledger.do("UPDATE act SET state = 'pending' WHERE kind = 'vote'")
    (ledger.files.folder / "000000000008.checkpoint").unlink()
    assert await ledger.kinds() == set()
    refused = await ledger.run("witness", str(file))
    assert (refused.exit_code, "the ledger shrank" in str(refused.exception)) == (1, True)
    assert opened_note(file.read_text(), KEYS).size == 8


@pytest.mark.feature(94)
async def test_a_witness_refuses_a_fork(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    await ledger.run("witness", str(file))
    before = file.read_text()
    await ledger.rehash(at(0, lambda payload: edited(payload, facts={"other": 1})))
    for path in ledger.files.folder.iterdir():
        path.unlink()
    await ledger.checkpoint()
    assert await ledger.kinds() == set()
    refused = await ledger.run("witness", str(file))
    assert (refused.exit_code, "two ledgers were signed" in refused.stderr) == (1, True)
    assert file.read_text() == before


async def test_a_witness_trusts_no_file_that_was_altered(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    file.write_text(ledger.files.read(8).replace("\n8\n", "\n9\n"))
    refused = await ledger.run("witness", str(file))
    assert (refused.exit_code, "forged" in str(refused.exception)) == (1, True)
