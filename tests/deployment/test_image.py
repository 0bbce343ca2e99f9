"""What the image is made of, as far as it can be read."""

import re

from tests.deployment.composition import ROOT

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
PACKAGES = {"aims", "activities", "adapters", "api", "cli", "workers", "workflows", "policies"}


def instructions(name: str) -> list[str]:
    """Return what follows an instruction, each time it is used."""
    return [line.removeprefix(f"{name} ") for line in LINES if line.startswith(f"{name} ")]


def test_the_base_has_a_full_version() -> None:
    assert all(re.match(r"python:3\.11\.\d+-slim-\w+( AS build)?$", base) for base in instructions("FROM"))


def test_nothing_is_installed_that_the_lock_does_not_name() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "pip download --quiet --require-hashes --no-deps --requirement requirements.lock" in text
    assert len(re.findall(r"pip install", text)) == len(re.findall(r"pip install --quiet --no-index", text))


def test_it_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == ["10001"]
    assert instructions("CMD") == ['["aims", "serve"]']


def test_every_package_is_copied_and_reaches_the_build() -> None:
    copied = {words.split()[0] for words in instructions("COPY") if not words.startswith("--from")}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"}
    assert copied >= PACKAGES
    assert allowed == PACKAGES | {"pyproject.toml", "README.md", "requirements.lock"}
