"""Acts count only as the entrance signed them."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.acts import Act, ActKind, Channel, SignedAct, key_id_of, sign, verify, verify_keys_of
from aims.errors import ForgedAct
from aims.record import canonical, digest_of
from tests.builders import FOREIGN_KEY, KEY, KEYS, NOON, signed

VOTE = signed(ActKind.VOTE, "lena", case="approval:use:x:1", roles=["lead"], verdict="approve", facts={"likelihood": 1})

OTHER: dict[str, Any] = {
    "id": "act-2",
    "kind": ActKind.SUBMISSION,
    "case": "approval:use:y:1",
    "step": "second",
    "person": "leo",
    "roles": ["lead", "operator"],
    "verdict": "reject",
    "has_reason": True,
    "digest": digest_of("something else"),
    "facts": {"likelihood": 2},
    "channel": Channel.SLACK,
    "at": NOON + timedelta(microseconds=1),
}


def test_an_act_signed_by_an_entrance_is_taken() -> None:
    assert verify(VOTE, KEYS) == VOTE.act


def test_every_field_of_an_act_is_tried() -> None:
    assert set(OTHER) == set(Act.model_fields)


@pytest.mark.parametrize("field", OTHER)
def test_a_changed_field_breaks_the_signature(field: str) -> None:
    changed = VOTE.act.model_copy(update={field: OTHER[field]})
    assert changed != VOTE.act
    with pytest.raises(ForgedAct, match="not valid"):
        verify(VOTE.model_copy(update={"act": changed}), KEYS)


@pytest.mark.parametrize("lookalike", ["1", True])
def test_a_fact_that_only_looks_the_same_breaks_the_signature(lookalike: Any) -> None:
    changed = VOTE.act.model_copy(update={"facts": {"likelihood": lookalike}})
    with pytest.raises(ForgedAct):
        verify(VOTE.model_copy(update={"act": changed}), KEYS)


def test_a_key_that_no_entrance_has_is_refused() -> None:
    with pytest.raises(ForgedAct, match="not signed by an entrance"):
        verify(sign(VOTE.act, FOREIGN_KEY), KEYS)


def test_a_foreign_signature_under_a_known_key_id_is_refused() -> None:
    forged = sign(VOTE.act, FOREIGN_KEY).model_copy(update={"key_id": VOTE.key_id})
    with pytest.raises(ForgedAct, match="not valid"):
        verify(forged, KEYS)


def test_a_signature_made_for_another_purpose_is_refused() -> None:
    bare = base64.b64encode(KEY.sign(canonical(VOTE.act))).decode()
    with pytest.raises(ForgedAct):
        verify(VOTE.model_copy(update={"signature": bare}), KEYS)


@given(st.text(max_size=100) | st.binary(max_size=70).map(lambda raw: base64.b64encode(raw).decode()))
def test_no_other_text_is_a_signature(text: str) -> None:
    with pytest.raises(ForgedAct):
        verify(VOTE.model_copy(update={"signature": text}), KEYS)


def test_an_act_that_cannot_be_signed_is_forged() -> None:
    wild = VOTE.act.model_copy(update={"facts": {"likelihood": 2**60}})
    with pytest.raises(ForgedAct):
        verify(VOTE.model_copy(update={"act": wild}), KEYS)


FACTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(-5, 5) | st.booleans(), max_size=4)


@given(FACTS, st.timezones())
def test_a_signature_survives_the_way_through_json(facts: dict[str, str | int | bool], zone: Any) -> None:
    act = signed(ActKind.SUBMISSION, "ada", case="assignment:f:x:1", facts=facts, at=NOON.astimezone(zone))
    read = SignedAct.model_validate_json(act.model_dump_json())
    assert verify(read, KEYS).facts == facts


def test_keys_of_two_entrances_both_count() -> None:
    both = verify_keys_of(KEY.public_key(), FOREIGN_KEY.public_key())
    assert list(both) == [key_id_of(KEY.public_key()), key_id_of(FOREIGN_KEY.public_key())]
    assert verify(sign(VOTE.act, FOREIGN_KEY), both) == VOTE.act
