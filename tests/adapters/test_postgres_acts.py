"""Acts are stored once, before anything else happens, and none is forgotten."""

import asyncio
from datetime import timedelta

import pytest

from adapters.postgres.transactions import transaction
from aims.acts import ActKind
from aims.errors import Invalid, KeyTaken, NotFound, UnknownPerson
from tests.adapters.records import Records
from tests.builders import PEOPLE, case_view, profile, signed, start

SYSTEM = "credit-scorer"
NOW = timedelta(0)


async def test_the_same_key_is_one_act(records: Records) -> None:
    await records.register_system(SYSTEM)
    first, second = (
        signed(ActKind.VOTE, "lena", case="approval:1", verdict="approve", id=name) for name in ("one", "two")
    )
    taken = await records.take(SYSTEM, first, idempotency_key="click")
    again = await records.take(SYSTEM, second, idempotency_key="click")
    assert (taken.act_id, taken.repeated, taken.state) == ("one", False, "pending")
    assert (again.act_id, again.repeated, again.state) == ("one", True, "pending")


async def test_fifty_copies_at_once_are_one_act(records: Records) -> None:
    act = start(SYSTEM)
    taken = await asyncio.gather(*(records.take(SYSTEM, act, profile=profile(SYSTEM)) for _ in range(50)))
    assert sum(not one.repeated for one in taken) == 1
    assert {one.act_id for one in taken} == {act.act.id}
    assert (await records.count("act"), await records.count("ai_system")) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        signed(ActKind.VOTE, "leo", case="approval:1", verdict="approve"),
        signed(ActKind.VOTE, "lena", case="approval:2", verdict="approve"),
        signed(ActKind.VOTE, "lena", case="approval:1", verdict="reject"),
        signed(ActKind.VOTE, "lena", case="approval:1", verdict="approve", digest="sha256:" + "0" * 64),
    ],
    ids=["person", "case", "verdict", "content"],
)
async def test_a_key_is_not_used_for_another(records: Records, other: object) -> None:
    await records.register_system(SYSTEM)
    first = signed(ActKind.VOTE, "lena", case="approval:1", verdict="approve")
    await records.take(SYSTEM, first, idempotency_key="click")
    with pytest.raises(Invalid, match="another request"):
        await records.take(SYSTEM, first, signed=other, idempotency_key="click")
    assert await records.count("act") == 2


async def test_a_taken_system_key_names_a_free_one(records: Records) -> None:
    await records.register_system(SYSTEM)
    await records.register_system(f"{SYSTEM}-2")
    again = start(SYSTEM, id="again")
    with pytest.raises(KeyTaken, match=f"for example {SYSTEM}-3"):
        await records.take(SYSTEM, again, profile=profile(SYSTEM))
    with pytest.raises(NotFound):
        await records.acts.state_of("again")


async def test_the_longest_key_still_has_a_free_one_beside_it(records: Records) -> None:
    longest = "a" * 63
    await records.register_system(longest)
    with pytest.raises(KeyTaken) as refusal:
        await records.take(longest, start(longest, id="again"), profile=profile(longest))
    free = refusal.value.sentence.removesuffix(".").rsplit(" ", 1)[-1]
    await records.register_system(free)


async def test_somebody_who_left_cannot_act(records: Records) -> None:
    await records.register_system(SYSTEM)
    await records.people.upsert([one for one in PEOPLE if one.id != "lena"])
    with pytest.raises(UnknownPerson):
        await records.take(SYSTEM, signed(ActKind.VOTE, "lena", case="approval:1"))
    assert await records.count("act") == 1


async def test_a_start_needs_an_owner_who_is_here(records: Records) -> None:
    with pytest.raises(Invalid) as refusal:
        await records.take(SYSTEM, start(SYSTEM), profile=profile(SYSTEM, owner="nobody"))
    assert list(refusal.value.fields) == ["/owner"]
    assert (await records.count("act"), await records.count("ai_system")) == (0, 0)


async def test_free_text_stays_with_the_row(records: Records) -> None:
    await records.register_system(SYSTEM)
    act = signed(ActKind.VOTE, "lena", case="approval:1", verdict="reject")
    await records.take(SYSTEM, act, content={"reason": "Größe €"}, reply={"slack_user": "U1"})
    stored = await records.register.act(act.act.id)
    assert (stored.content, stored.reply, stored.signed) == ({"reason": "Größe €"}, {"slack_user": "U1"}, act)
    assert "Größe" not in "".join(await records.register.timeline(SYSTEM))


async def test_an_act_that_was_not_delivered_is_handed_to_one_sweeper(records: Records) -> None:
    await records.register_system(SYSTEM)
    acts = [signed(ActKind.VOTE, "lena", case=f"approval:{number}") for number in range(6)]
    for act in acts:
        await records.take(SYSTEM, act)
    swept = await asyncio.gather(*(records.acts.pending(NOW, limit=3) for _ in range(4)))
    found = [one.signed for sweep in swept for one in sweep]
    assert sorted(one.act.id for one in found) == [one.act.id for one in acts]
    assert await records.acts.pending(NOW) == []


async def test_a_sweeper_does_not_wait_for_an_act_that_is_being_settled(records: Records) -> None:
    await records.register_system(SYSTEM)
    for person in ("lena", "leo"):
        await records.take(SYSTEM, signed(ActKind.VOTE, person, case="approval:1"))
    async with transaction(records.pool) as connection:
        await connection.execute("UPDATE act SET sentence = '' WHERE person_id = 'lena'")
        assert [one.signed.act.person for one in await records.acts.pending(NOW)] == ["leo"]


async def test_an_act_whose_sweeper_died_is_handed_out_again(records: Records) -> None:
    await records.register_system(SYSTEM)
    await records.take(SYSTEM, signed(ActKind.VOTE, "lena", case="approval:1"))
    assert len(await records.acts.pending(NOW)) == 1
    await records.pool.execute("UPDATE act SET claimed_until = claimed_until - interval '30 s'")
    assert len(await records.acts.pending(NOW)) == 1


async def test_young_and_settled_acts_are_left_alone(records: Records) -> None:
    await records.register_system(SYSTEM)
    act = signed(ActKind.VOTE, "lena", case="approval:1")
    await records.accept(SYSTEM, act, view=case_view("approval:1", SYSTEM))
    await records.take(SYSTEM, signed(ActKind.VOTE, "leo", case="approval:1"))
    assert await records.acts.pending(timedelta(minutes=1)) == []
    assert [one.signed.act.person for one in await records.acts.pending(NOW)] == ["leo"]
    assert (await records.acts.state_of(act.act.id)).state == "accepted"


async def test_accepting_an_act_again_changes_nothing(records: Records) -> None:
    await records.register_system(SYSTEM)
    act = signed(ActKind.VOTE, "lena", case="approval:1")
    await records.accept(SYSTEM, act, view=case_view("approval:1", SYSTEM))
    assert not (await records.accept(SYSTEM, act, view=case_view("approval:1", SYSTEM))).written
