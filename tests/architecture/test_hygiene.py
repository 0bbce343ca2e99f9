"""The repository speaks of the product alone: no machine, no registry, no secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, assert_none, repository

# Written in halves, so that this file does not find itself.
REGISTRIES = re.compile(
    "pypi" + r"\.(org|python)|python" + r"hosted\.|registry\." + r"(npm|yarn)|npm" + r"js\.(org|com)"
)
HOMES = re.compile(r"(?<![\w.$}])/(root|home/(?!aims\b)\w+|Users/\w+)/\w")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")
LOCK_ADDRESS = re.compile(r"https?://|--(extra-)?index" + r"-url|--find" + r"-links|file:|\"resolved\"")
LOCKS = ("requirements.lock", "package-lock.json")


def lines() -> Iterator[tuple[str, str]]:
    """Read every line of every text file, with its place."""
    for path in repository():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
                yield f"{path}:{number}", line


@pytest.mark.parametrize("pattern", [REGISTRIES, HOMES, PRIVATE_KEY], ids=["registry", "home", "key"])
def test_nothing_names_a(pattern: re.Pattern[str]) -> None:
    assert_none(place for place, line in lines() if pattern.search(line))


def test_nothing_names_this_machine() -> None:
    here = [f"{path}/" for path in (ROOT, Path.home()) if len(path.parts) > 1]
    assert_none(place for place, line in lines() if any(path in line for path in here))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert_none(line for line in text.splitlines() if LOCK_ADDRESS.search(line))


def test_no_environment_file_is_tracked() -> None:
    assert_none(path for path in repository() if path.name.startswith(".env") and path.name != ".env.example")
