"""Checkpoints as files: one for each size, made whole or not at all, and never written again."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adapters.faults import TransientFault

_NAME = re.compile(r"(?P<size>\d{12})\.checkpoint")
_READABLE = 0o444


@dataclass(frozen=True)
class CheckpointFiles:
    """A folder of notes. Put it on another disk, host or write-once bucket than the database."""

    folder: Path

    def add(self, size: int, note: str) -> bool:
        """Keep the note of a size; say `False`, changing nothing, when there is one already.

        Raises:
            TransientFault: When the folder does not take it.

        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-") as file:
                file.write(note.encode())
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), _READABLE)
                return _linked(Path(file.name), self.folder / _named(size))
        except OSError as cause:
            raise TransientFault(f"The folder of AIMS_CHECKPOINTS takes no file: {type(cause).__name__}.") from cause

    def sizes(self) -> list[int]:
        """Return the sizes of which there is a note, ascending.

        Raises:
            TransientFault: When the folder cannot be read.

        """
        try:
            names = [path.name for path in self.folder.iterdir()] if self.folder.exists() else []
        except OSError as cause:
            raise TransientFault(f"The folder of AIMS_CHECKPOINTS cannot be read: {type(cause).__name__}.") from cause
        return sorted(int(found["size"]) for name in names if (found := _NAME.fullmatch(name)))

    def read(self, size: int) -> str:
        """Return the note of a size; what is no text comes back as text that is no note.

        Raises:
            TransientFault: When it cannot be read.

        """
        try:
            return (self.folder / _named(size)).read_bytes().decode(errors="replace")
        except OSError as cause:
            raise TransientFault(f"The checkpoint of {size} entries cannot be read: {type(cause).__name__}.") from cause


def _linked(file: Path, name: Path) -> bool:
    """Give a file a name unless another has it; a link, unlike a move, never takes the place of a file."""
    try:
        name.hardlink_to(file)
    except FileExistsError:
        return False
    return True


def _named(size: int) -> str:
    return f"{size:012}.checkpoint"
