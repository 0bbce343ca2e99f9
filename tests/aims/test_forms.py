"""Forms: what a submission must hold, and what rules may read of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aims.errors import Invalid
from aims.forms import Facts, Form, FormField, checked_content, evidence_of
from tests.builders import DIGEST, policy

FIELDS: list[dict[str, Any]] = [
    {"id": "summary", "label": "Summary", "kind": "text"},
    {"id": "likelihood", "label": "Likelihood", "kind": "number", "least": 1, "most": 5},
    {"id": "severity", "label": "Severity", "kind": "choice", "choices": ["low", "high"]},
    {"id": "report", "label": "Report", "kind": "evidence"},
    {"id": "remark", "label": "Remark", "kind": "text", "required": False},
    {"id": "proof", "label": "Proof", "kind": "evidence", "required": False},
]
GOOD = {"summary": "Well.", "likelihood": 3, "severity": "low", "report": DIGEST}
WRONG: dict[str, list[Any]] = {
    "summary": [None, "", 1, True, ["text"], "x" * 8001, "nul \x00", "half a pair \ud800"],
    "likelihood": [None, "", 0, 6, -1, "3", 3.0, True, [3], 10**30],
    "severity": [None, "", "Low", "medium", 1, ["low"], {"low": 1}],
    "report": [None, "", "sha256:1", DIGEST.upper(), f"{DIGEST}\n", f" {DIGEST}", 1, [DIGEST]],
    "remark": [1, False, "x" * 8001],
    "proof": ["none", 0, f"{DIGEST}0"],
}
CASES = [(field, value) for field, values in WRONG.items() for value in values]
ANY_VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


def form(*fields: dict[str, Any]) -> Form:
    """Return a form with these fields."""
    return policy().forms[0].model_copy(update={"fields": [FormField.model_validate(field) for field in fields]})


FORM = form(*FIELDS)


def refused(content: dict[str, Any]) -> Invalid:
    """Return why a submission is refused."""
    with pytest.raises(Invalid) as broken:
        checked_content(FORM, content)
    return broken.value


def test_facts_are_numbers_choices_and_digests_and_never_free_text() -> None:
    facts = checked_content(FORM, {**GOOD, "remark": "Private."})
    assert facts == {"likelihood": 3, "severity": "low", "report": DIGEST}


@pytest.mark.clause("7.5.2")
@pytest.mark.parametrize(("field", "value"), CASES)
def test_a_wrong_value_is_named_by_its_field(field: str, value: Any) -> None:
    broken = refused({**GOOD, field: value})
    assert list(broken.fields) == [f"/content/{field}"]
    assert f"{field}: {broken.fields[f'/content/{field}']}" in broken.sentence


def test_all_wrong_fields_are_named_at_once() -> None:
    assert set(refused({}).fields) == {
        "/content/summary",
        "/content/likelihood",
        "/content/severity",
        "/content/report",
    }


@pytest.mark.parametrize("empty", [None, ""])
def test_an_optional_field_may_be_left_empty(empty: str | None) -> None:
    assert checked_content(FORM, {**GOOD, "remark": empty, "proof": empty}) == checked_content(FORM, GOOD)


@given(st.text(min_size=1, max_size=10).filter(lambda name: name not in {field["id"] for field in FIELDS}), ANY_VALUE)
def test_a_field_that_the_form_does_not_have_is_named_by_its_place(name: str, value: Any) -> None:
    (place,) = refused({**GOOD, name: value}).fields
    assert [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")] == ["", "content", name]


@given(st.fixed_dictionaries({field["id"]: ANY_VALUE for field in FIELDS}))
def test_whatever_comes_in_either_fits_or_is_named(content: dict[str, Any]) -> None:
    facts: Facts = {}
    wrong: set[str] = set()
    try:
        facts = checked_content(FORM, content)
    except Invalid as broken:
        wrong = set(broken.fields)
    assert wrong <= {f"/content/{name}" for name in content}
    assert facts == {name: content[name] for name in facts}


def test_the_evidence_of_a_submission_is_every_digest_that_it_names() -> None:
    assert evidence_of(FORM, {**GOOD, "proof": None}) == [DIGEST]
    assert evidence_of(FORM, {**GOOD, "proof": "another"}) == [DIGEST, "another"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "field", "label": "l", "kind": "choice"},
        {"id": "field", "label": "l", "kind": "number"},
        {"id": "field", "label": "l", "kind": "number", "least": 5, "most": 5},
        {"id": "Field", "label": "l", "kind": "text"},
        {"id": "field", "label": "l" * 151, "kind": "text"},
        {"id": "field", "label": "l", "kind": "colour"},
    ],
)
def test_a_field_that_nobody_could_fill_in_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        form(wrong)
