"""The policy that is shipped, as a value and as files to change."""

import shutil
from functools import cache
from pathlib import Path

from adapters.policy_files import FILES, PolicyFiles
from aims.policy.model import Policy

FOLDER = Path(__file__).resolve().parents[2] / "policies"


@cache
def shipped() -> Policy:
    """Return the shipped policy."""
    return PolicyFiles(FOLDER).read()


def copied(to: Path) -> PolicyFiles:
    """Return a copy of the shipped files that a test may change."""
    for name in FILES:
        shutil.copy(FOLDER / name, to / name)
    return PolicyFiles(to)


def edit(files: PolicyFiles, name: str, *, old: str, new: str) -> None:
    """Replace the first place of a text in a file."""
    path = files.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
