"""The handbook names only what exists: commands, services, columns, search attributes."""

import re
import shlex
from collections.abc import Iterator

import asyncpg
import pytest
import typer
from temporalio.testing import WorkflowEnvironment

from cli.main import app
from tests.deployment.composition import ROOT, services

PAGES = [ROOT / "docs" / name for name in ("operations.md", "security.md", "architecture.md")]
OPERATIONS = PAGES[0].read_text(encoding="utf-8")
INLINE = re.compile(r"`([^`\n]+)`")
INDENTED = re.compile(r"^ {4,}(\S.*)$", re.MULTILINE)
LINK = re.compile(r"\]\((?P<page>[\w./-]*)(?:#(?P<part>[\w-]+))?\)")


def snippets() -> Iterator[str]:
    """Read everything in the handbook that a person could type."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        yield from (*INLINE.findall(text), *INDENTED.findall(text))


def blocks(language: str) -> list[str]:
    """Read the fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", OPERATIONS, re.DOTALL)


def aims_commands() -> set[tuple[str, ...]]:
    """Read which commands of ours are named, with the words that follow."""
    found = {match for line in snippets() for match in re.findall(r"(?:^|(?<! in)\s|/)aims ([a-z][\w ]*)", line)}
    return {tuple(words.split()[:2]) for words in found}


@pytest.mark.parametrize("words", sorted(aims_commands()), ids=" ".join)
def test_a_command_exists(words: tuple[str, ...]) -> None:
    command = typer.main.get_command(app).commands.get(words[0])  # type: ignore[attr-defined]  # a group, by its commands
    assert command is not None
    if hasattr(command, "commands"):
        assert words[1] in command.commands


def test_every_service_that_is_named_exists() -> None:
    lines = [line for line in snippets() if line.startswith("docker compose")]
    for line in lines:
        words = [word for word in shlex.split(line, posix=False)[3:] if not word.startswith(("-", '"', "$", ">"))]
        if line.split()[2] in {"exec", "run"}:
            assert words[0] in services(), line
        elif line.split()[2] in {"up", "start", "stop", "logs"}:
            assert set(words) <= set(services()), line


async def test_every_statement_runs(owner_dsn: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        text = re.sub(r"--.*", "", "".join(blocks("sql")))
        statements = [one for one in text.split(";") if one.strip()]
        assert len(statements) == 4
        for statement in statements:
            await connection.fetch(statement)
    finally:
        await connection.close()


async def test_every_filter_is_understood(temporal_env: WorkflowEnvironment) -> None:
    filters = [line for block in blocks("visibility") for line in block.splitlines()]
    assert len(filters) == 6
    for each in filters:
        await temporal_env.client.count_workflows(each)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: object) -> None:
    text = (ROOT / "docs" / getattr(page, "name", "")).read_text(encoding="utf-8")
    for link in LINK.finditer(text):
        target = ROOT / "docs" / (link["page"] or getattr(page, "name", ""))
        assert target.exists(), link[0]
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert not link["part"] or link["part"] in {
            re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings
        }
