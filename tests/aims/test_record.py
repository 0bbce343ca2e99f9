"""Values are frozen, and their canonical form depends on what they say, not on how it was written."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aims.record import Declared, Digest, PersonId, Record, canonical, digest_of

NUMBERS = st.dictionaries(st.text(max_size=5), st.integers(-9, 9), max_size=5)


class Kept(Record):
    """A value that travels."""

    number: int


class Asked(Declared):
    """A value that a person wrote."""

    number: int


def test_the_digest_of_an_empty_object_is_the_known_one() -> None:
    assert digest_of({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(NUMBERS)
def test_the_order_of_keys_never_changes_a_digest(value: dict[str, int]) -> None:
    assert digest_of(value) == digest_of(dict(reversed(value.items())))


@given(NUMBERS, NUMBERS)
def test_values_that_differ_have_digests_that_differ(one: dict[str, int], other: dict[str, int]) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)


def test_a_model_and_its_json_value_have_one_canonical_form() -> None:
    assert canonical(Kept(number=1)) == canonical({"number": 1}) == b'{"number":1}'


def test_a_number_that_json_cannot_carry_exactly_is_refused() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"number": 2**53 + 1})


def test_what_travels_may_grow_and_what_people_write_may_not() -> None:
    assert Kept.model_validate({"number": 1, "newer": 2}) == Kept(number=1)
    with pytest.raises(ValidationError, match="newer"):
        Asked.model_validate({"number": 1, "newer": 2})


@pytest.mark.parametrize("value", [Kept(number=1), Asked(number=1)])
def test_a_value_never_changes(value: Kept | Asked) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        value.number = 2  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize("text", ["Lena Lead", "lena@example.org", "Lena", "l", "1ena", "lena\n", "l" * 64])
def test_names_and_addresses_are_no_ids_of_people(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PersonId).validate_python(text)


@pytest.mark.parametrize(
    "text", ["", "sha256:", "a" * 64, "sha256:" + "A" * 64, "md5:" + "a" * 64, f"sha256:{'a' * 64}\n"]
)
def test_only_the_one_spelling_of_a_digest_is_taken(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Digest).validate_python(text)
