"""A claim without a test is found, and so is a page that lags behind the tests."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import Module
from tests.traceability import page, proofs, unproved


def module(source: str) -> Module:
    """Make a test file out of its text."""
    return Module(Path("tests/test_sample.py"), source, ast.parse(source))


def test_marks_of_functions_classes_and_files_are_collected() -> None:
    source = """
pytestmark = pytest.mark.clause("A.6")
@pytest.mark.peer_fault("T8")
class TestVotes:
    @pytest.mark.feature(41, 42)
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.clause("8.2"))])
    def test_author_may_not_approve(self): ...
"""
    found = proofs([module(source)])
    assert {kind: sorted(values) for kind, values in found.items()} == {
        "clause": ["8.2", "A.6"],
        "feature": ["41", "42"],
        "peer_fault": ["T8"],
    }


def test_a_claim_that_no_test_proves_is_found() -> None:
    found = proofs([module("@pytest.mark.feature(41)\ndef test_votes(): ...\n")])
    claims: dict[str, dict[str, list[object]]] = {"features": {"claimed": [41, 42]}}
    assert [line.split()[0] for line in unproved(claims, found)] == ["feature(42)"]


def test_rows_are_sorted_the_way_people_count() -> None:
    marks = [f'@pytest.mark.clause("{clause}")\n' for clause in ("10.1", "6.1.10", "6.1.2")]
    lines = page(proofs([module("".join(marks) + "def test_votes(): ...\n")])).splitlines()
    assert [line.split()[1] for line in lines if "test_votes" in line] == ["6.1.2", "6.1.10", "10.1"]


def test_a_mark_without_plain_values_is_refused() -> None:
    with pytest.raises(SystemExit, match="plain values"):
        proofs([module("@pytest.mark.clause(CLAUSE)\ndef test_votes(): ...\n")])
