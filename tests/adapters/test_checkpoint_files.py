"""Files of checkpoints are written once, whole, and never again."""

import asyncio
from pathlib import Path

import pytest

from adapters.checkpoint_files import CheckpointFiles
from adapters.faults import TransientFault


@pytest.fixture
def files(tmp_path: Path) -> CheckpointFiles:
    """Return a folder that does not exist yet."""
    return CheckpointFiles(tmp_path / "deep" / "checkpoints")


@pytest.mark.feature(98)
def test_a_checkpoint_is_never_written_again(files: CheckpointFiles) -> None:
    assert files.add(7, "first\n")
    assert not files.add(7, "second\n")
    assert files.read(7) == "first\n"


@pytest.mark.clause("7.5.3")
def test_nobody_may_write_to_the_file(files: CheckpointFiles) -> None:
    files.add(7, "note\n")
    (path,) = files.folder.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == ("000000000007.checkpoint", 0o444)


def test_sizes_ascend_whatever_else_lies_there(files: CheckpointFiles) -> None:
    assert files.sizes() == []
    for size in (100, 9, 20):
        files.add(size, "note\n")
    for stranger in ("notes.txt", "7.checkpoint", ".new-half", "000000000007.checkpoint.bak"):
        (files.folder / stranger).write_text("?")
    assert files.sizes() == [9, 20, 100]


def test_nothing_is_left_beside_the_checkpoint(files: CheckpointFiles) -> None:
    files.add(7, "note\n")
    files.add(7, "again\n")
    assert len(list(files.folder.iterdir())) == 1


async def test_of_many_writers_one_wins(files: CheckpointFiles) -> None:
    notes = [f"note {number}\n" for number in range(16)]
    won = await asyncio.gather(*(asyncio.to_thread(files.add, 7, note) for note in notes))
    assert [note for note, first in zip(notes, won, strict=True) if first] == [files.read(7)]


def test_bytes_that_are_no_text_are_read_as_no_note(files: CheckpointFiles) -> None:
    files.add(7, "note\n")
    (files.folder / "000000000008.checkpoint").write_bytes(b"\xff\xfe")
    assert files.read(8) == "\N{REPLACEMENT CHARACTER}" * 2


def test_a_folder_that_cannot_be_used_is_a_passing_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    files = CheckpointFiles(tmp_path / "file")
    for attempt in (lambda: files.add(7, "note\n"), files.sizes, lambda: files.read(7)):
        with pytest.raises(TransientFault):
            attempt()
