"""A changed order of commands is noticed before it meets a running process."""

import ast
import difflib
from pathlib import Path

import pytest

from tests.architecture.sources import Module
from tests.replay.fingerprints import COMMITTED, current, fingerprints, text

ADVICE = """
The order of commands in a workflow has changed. A process that runs now issued the old order and could not replay.
1. Keep running processes alive: put the new order behind workflow.patched("<what-changes>"), or release a new worker
   version. A process that was never released has nothing to keep alive.
2. Record a history of the old order under tests/replay/histories/ and see `make replay` pass.
3. Remove the patch, then its history, when the retention period of the last old process is over.
4. Accept the new order with `python -m tests.replay.fingerprints --write`, and tell CHANGELOG.md, "Processes and
   policies".
"""


def module(source: str, name: str = "sample") -> Module:
    """Make a workflow file out of its text."""
    return Module(Path(f"workflows/{name}.py"), source, ast.parse(source))


def test_the_order_of_commands_is_the_accepted_one() -> None:
    committed, found = COMMITTED.read_text(encoding="utf-8"), text(current())
    changed = difflib.unified_diff(committed.splitlines(), found.splitlines(), "accepted", "this checkout", lineterm="")
    if committed != found:
        pytest.fail("\n".join([*changed, ADVICE]), pytrace=False)


def test_commands_are_listed_in_the_order_of_evaluation() -> None:
    source = """
from temporalio import workflow
class Sample:
    async def run(self):
        if workflow.patched("louder"):
            await workflow.sleep(await workflow.execute_activity_method(Bell.ring, start_to_close_timeout=S))
        await workflow.wait_condition(lambda: True)
        await workflow.wait_condition(lambda: True, timeout=S)
"""
    order = ["patched 'louder'", "execute_activity_method Bell.ring", "sleep", "wait_condition"]
    assert fingerprints([module(source)]) == {"sample.py": {"Sample.run": order}}


def test_calls_that_lead_to_a_command_are_part_of_the_order() -> None:
    helper = """
import asyncio
async def pause():
    await asyncio.sleep(1)
def name():
    return ""
"""
    source = """
from workflows import rest, stage
class Sample:
    async def run(self):
        rest.name()
        await self._book.rest(stage.Intake.run)
class Book:
    async def rest(self, stage):
        await rest.pause()
"""
    found = fingerprints([module(source), module(helper, "rest")])
    assert found["sample.py"] == {"Sample.run": ["self._book.rest stage.Intake.run"], "Book.rest": ["rest.pause"]}


def test_what_issues_no_command_leaves_no_fingerprint() -> None:
    assert fingerprints([module("def name():\n    return len('')\n")]) == {}
