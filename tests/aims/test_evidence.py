"""The hash chain: whatever is done to the entries, the chain shows it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.evidence import GENESIS, ChainedEntry, breaks, link
from tests.builders import NOON, entry

LENGTH = 6


def chained(
    payload: str, *, after: ChainedEntry | None, recorded_at: str = "2026-03-02T12:00:00.000000Z"
) -> ChainedEntry:
    """Return an entry that continues the chain after another one, as the database links it."""
    prev_hash, seq = (after.hash, after.seq + 1) if after else (GENESIS, 1)
    linked = link(prev_hash=prev_hash, seq=seq, recorded_at=recorded_at, payload=payload)
    return ChainedEntry(seq=seq, recorded_at=recorded_at, payload=payload, prev_hash=prev_hash, hash=linked)


def chain() -> list[ChainedEntry]:
    """Return a sound chain."""
    entries: list[ChainedEntry] = []
    for number in range(LENGTH):
        payload = entry(f"key-{number}", "credit-scorer").payload()
        entries.append(chained(payload, after=entries[-1] if entries else None))
    return entries


SOUND = chain()
PLACES = st.integers(0, LENGTH - 1)
EDITS = st.one_of(
    st.tuples(st.just("seq"), st.integers(0, 99)),
    st.tuples(st.sampled_from(["recorded_at", "payload", "prev_hash", "hash"]), st.text(max_size=80)),
)


def test_a_sound_chain_has_no_break() -> None:
    assert list(breaks(SOUND)) == []
    assert list(breaks([])) == []


@given(st.integers(1, LENGTH))
def test_a_chain_can_be_checked_on_from_any_place(place: int) -> None:
    assert list(breaks(SOUND[place:], start=SOUND[place - 1])) == []


@pytest.mark.feature(94, 98)
@pytest.mark.clause("7.5.3")
@given(PLACES, EDITS)
def test_any_edit_is_found(place: int, edit: tuple[str, Any]) -> None:
    field, value = edit
    edited = SOUND[place].model_copy(update={field: value})
    found = list(breaks([*SOUND[:place], edited, *SOUND[place + 1 :]]))
    assert bool(found) is (edited != SOUND[place])


@pytest.mark.feature(94)
@given(PLACES, st.text(max_size=20))
def test_an_edit_with_a_hash_made_to_fit_is_found_at_the_next_entry(place: int, payload: str) -> None:
    forged = chained(payload, after=SOUND[place - 1] if place else None)
    rest = SOUND[place + 1 :]
    found = list(breaks([*SOUND[:place], forged, *rest]))
    assert [one.reason for one in found] == ["does not continue the entry before it"][: len(rest)]


@pytest.mark.feature(94)
@given(st.integers(0, LENGTH - 2))
def test_a_deletion_is_found(place: int) -> None:
    (first, *_) = breaks([*SOUND[:place], *SOUND[place + 1 :]])
    assert (first.seq, first.reason) == (place + 1, f"entry {place + 1} is missing; the next one is {place + 2}")


@pytest.mark.feature(94)
@given(st.lists(PLACES, min_size=2, max_size=2, unique=True))
def test_a_swap_is_found(places: list[int]) -> None:
    one, other = places
    swapped = list(SOUND)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert list(breaks(swapped))


@pytest.mark.feature(94)
@given(PLACES, PLACES, st.booleans())
def test_an_insertion_is_found(place: int, copied: int, made_to_fit: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    forged = chained("{}", after=SOUND[place - 1] if place else None)
    new = forged if made_to_fit else SOUND[copied]
    assert list(breaks([*SOUND[:place], new, *SOUND[place:]]))


def test_a_tail_that_was_cut_off_shows_only_against_a_head_kept_elsewhere() -> None:
    cut = SOUND[:-1]
    assert list(breaks(cut)) == []
    assert cut[-1].hash != SOUND[-1].hash


def test_an_entry_says_what_it_is_evidence_for_unless_it_is_told() -> None:
    assert json.loads(entry("k", "scorer").payload())["clauses"] == ["5.3", "A.9.2"]
    assert json.loads(entry("k", "scorer", clauses=["9.1"]).payload())["clauses"] == ["9.1"]


def test_the_text_of_an_entry_is_canonical() -> None:
    payload = entry("k", "scorer", facts={"b": 1, "a": "ü"}).payload()
    assert payload == json.dumps(json.loads(payload), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert json.loads(payload)["occurred_at"] == NOON.isoformat().replace("+00:00", "Z")
