"""Identifiers of clauses, controls and articles: their form, and which step is evidence for which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.clauses import EVIDENCED, evidenced_by, known_clause
from aims.errors import Invalid

HINT = "' is neither a clause (6.1.2), a control (A.5.2) nor an AI Act article (AIA-27)."
KNOWN = [
    "4.1",
    "6",
    "6.1.2",
    "7.5.3",
    "10.2",
    "A.2.2",
    "A.6.2.5",
    "A.10.4",
    "AIA-5",
    "AIA-5(1)(ba)",
    "AIA-III.4",
    "AIA-113",
]
UNKNOWN = [
    "",
    "3.1",
    "11",
    "6.",
    "6.1.2.3",
    "6.1.2\n",
    " 6.1.2",
    "A.1.1",
    "A.6",
    "A.11.1",
    "AIA-",
    "AIA-VI.1",
    "6.1.2 c)",
]


@pytest.mark.parametrize("text", KNOWN)
def test_an_identifier_of_a_known_form_is_taken_as_it_is(text: str) -> None:
    assert known_clause(text) == text


@pytest.mark.parametrize("text", UNKNOWN)
def test_everything_else_is_refused_with_the_forms_that_are_known(text: str) -> None:
    with pytest.raises(Invalid, match="neither a clause"):
        known_clause(text)


@given(st.text(max_size=12))
def test_any_text_is_either_taken_or_refused(text: str) -> None:
    try:
        taken = known_clause(text)
    except Invalid as refused:
        taken = refused.sentence.removeprefix("'").removesuffix(HINT)
    assert taken == text


@pytest.mark.parametrize("kind", EVIDENCED)
def test_every_step_is_evidence_for_something_that_exists(kind: str) -> None:
    found = evidenced_by(kind)
    assert found
    assert [known_clause(one) for one in found] == list(found)


def test_a_step_that_is_not_listed_is_evidence_for_operational_control() -> None:
    assert evidenced_by("something_new") == ("8.1",)


@pytest.mark.parametrize("kind", ["review_missed", "expired", "gate_refused", "stage_interrupted"])
def test_what_did_not_happen_is_evidence_of_a_nonconformity(kind: str) -> None:
    assert "10.2" in evidenced_by(kind)
