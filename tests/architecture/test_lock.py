"""What pyproject.toml asks for is what requirements.lock installs, by hash."""

import re
import tomllib
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT, assert_none

HASHES = r"(?:\\\n    --hash=sha256:[0-9a-f]{64} ?)*"
ENTRY = re.compile(rf"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)[^\\\n]*(?P<hashes>{HASHES})$", re.MULTILINE)


def asked() -> list[Requirement]:
    """Read every requirement of the project file: runtime, extras, groups and build."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["project"]["dependencies"],
        project["build-system"]["requires"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return [Requirement(line) for lines in lists for line in lines]


def locked() -> dict[str, re.Match[str]]:
    """Read the entries of the lock by canonical name."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {canonicalize_name(entry["name"]): entry for entry in ENTRY.finditer(text)}


def test_the_lock_satisfies_every_requirement() -> None:
    entries = locked()
    assert_none(f"{one}: run `make lock`" for one in asked() if not _met(one, entries.get(canonicalize_name(one.name))))


def test_every_locked_package_has_its_hashes() -> None:
    hashed = {entry["name"] for entry in locked().values() if entry["hashes"]}
    named = re.findall(r"^[^\s=#]+", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert_none(name for name in named if name not in hashed)


def _met(requirement: Requirement, entry: re.Match[str] | None) -> bool:
    return entry is not None and entry["version"] in requirement.specifier
