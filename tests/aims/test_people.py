"""Who took part in what is decided does not decide it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.errors import SeparationOfDutiesViolated
from aims.people import refuse_own_case, without

IDS = st.lists(st.sampled_from(["ann", "ben", "cyn", "dan"]), max_size=6)


@given(IDS, IDS)
def test_what_is_left_is_everybody_else_in_the_same_order(people: list[str], excluded: list[str]) -> None:
    left = without(people, excluded)
    assert not set(left) & set(excluded)
    assert [person for person in people if person in left] == left
    assert set(left) | set(excluded) >= set(people)


@pytest.mark.clause("A.3.2")
def test_only_who_took_no_part_may_decide() -> None:
    refuse_own_case("lena", ["rita", "otto"])
    with pytest.raises(SeparationOfDutiesViolated, match="somebody else"):
        refuse_own_case("otto", ["rita", "otto"])
