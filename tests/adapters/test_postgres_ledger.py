"""The record: written once, in one chain, whole or not at all."""

import asyncio

import pytest

from adapters.faults import PermanentFault
from aims.acts import ActKind
from aims.errors import ApprovalNotEvidenced, InvalidTransition
from aims.evidence import breaks, link
from aims.journal import Step
from aims.systems import Stage
from tests.adapters.records import Records, move_step
from tests.builders import case_view, entry, signed

SYSTEM = "credit-scorer"


async def test_the_same_step_is_written_once(records: Records) -> None:
    await records.register_system(SYSTEM)
    first = await records.move(SYSTEM, Stage.RISK_ASSESSMENT)
    again = await records.move(SYSTEM, Stage.RISK_ASSESSMENT)
    assert (first.seqs, first.written) == ([2], True)
    assert (again.seqs, again.written) == ([2], False)
    assert await records.count("ledger_entry") == 2


async def test_a_late_repetition_does_not_undo_what_came_after_it(records: Records) -> None:
    await records.register_system(SYSTEM)
    opening = Step(key="o", entries=[entry("opened", SYSTEM)], case=case_view("approval:1", SYSTEM))
    await records.ledger.commit(opening)
    closing = case_view("approval:1", SYSTEM, open=False, outcome="approved")
    await records.ledger.commit(Step(key="c", entries=[entry("closed", SYSTEM)], case=closing))
    assert not (await records.ledger.commit(opening)).written
    assert not (await records.register.case("approval:1")).open


async def test_concurrent_steps_make_one_chain_without_gaps(records: Records) -> None:
    names = [f"system-{number}" for number in range(20)]
    await asyncio.gather(*(records.register_system(name) for name in names))
    await asyncio.gather(*(records.move(name, Stage.RISK_ASSESSMENT) for name in names))
    chain = [one async for one in records.ledger.stream()]
    assert [one.seq for one in chain] == list(range(1, 41))
    assert list(breaks(chain)) == []
    assert await records.ledger.head() == chain[-1]


async def test_concurrent_copies_of_one_step_write_it_once(records: Records) -> None:
    await records.register_system(SYSTEM)
    done = await asyncio.gather(*(records.move(SYSTEM, Stage.RISK_ASSESSMENT) for _ in range(20)))
    assert sum(one.written for one in done) == 1
    assert {tuple(one.seqs) for one in done} == {(2,)}


async def test_of_two_ends_at_once_one_is_reached(records: Records) -> None:
    names = [f"system-{number}" for number in range(10)]
    await asyncio.gather(*(records.register_system(name) for name in names))
    ends = [(name, stage) for name in names for stage in (Stage.REJECTED, Stage.WITHDRAWN)]
    done = await asyncio.gather(*(records.move(*end) for end in ends), return_exceptions=True)
    assert sum(isinstance(one, InvalidTransition) for one in done) == 10
    assert await records.count("ledger_entry") == 20


async def test_the_hash_is_the_one_that_the_rules_compute(records: Records) -> None:
    payload = entry("unicode", SYSTEM, facts={"unit": "Größe\n\u2028 €"})
    await records.ledger.record([payload])
    (stored,) = await records.ledger.entries()
    assert stored.payload == payload.payload()
    assert stored.hash == link(
        prev_hash=stored.prev_hash, seq=1, recorded_at=stored.recorded_at, payload=stored.payload
    )


async def test_a_step_that_cannot_be_recorded_changes_nothing(records: Records) -> None:
    await records.register_system(SYSTEM)
    await records.ledger.record([entry("taken", SYSTEM)])
    twice = [entry("fresh", SYSTEM), entry("taken", SYSTEM, kind="approved")]
    step = move_step(SYSTEM, Stage.RISK_ASSESSMENT).model_copy(
        update={"entries": twice, "case": case_view("approval:1", SYSTEM)}
    )
    with pytest.raises(PermanentFault, match="ledger_key_has_one_payload"):
        await records.ledger.commit(step)
    assert (await records.register.profile(SYSTEM)).stage is Stage.INTAKE
    assert (await records.count("ledger_entry"), await records.count("process_case")) == (2, 0)


async def test_a_move_that_the_life_cycle_lacks_is_refused(records: Records) -> None:
    await records.register_system(SYSTEM)
    with pytest.raises(InvalidTransition, match="cannot go from intake to decommissioned"):
        await records.move(SYSTEM, Stage.DECOMMISSIONED)
    assert await records.count("ledger_entry") == 1


async def test_nothing_moves_into_operation_beside_the_gate(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM)
    with pytest.raises(ApprovalNotEvidenced, match="only through the gate"):
        await records.move(SYSTEM, Stage.IN_OPERATION)
    assert (await records.register.profile(SYSTEM)).stage is Stage.DEPLOYMENT_SIGN_OFF


async def test_a_step_of_an_unknown_system_is_refused(records: Records) -> None:
    with pytest.raises(InvalidTransition, match="not registered"):
        await records.ledger.commit(Step(key="k", entries=[entry("k", "nobody")]))


async def test_a_step_changes_one_system_only(records: Records) -> None:
    await records.register_system(SYSTEM)
    with pytest.raises(InvalidTransition, match="several AI systems"):
        await records.ledger.commit(Step(key="k", entries=[entry("k", SYSTEM)], case=case_view("c", "another")))


async def test_the_register_says_what_open_cases_wait_for(records: Records) -> None:
    await records.register_system(SYSTEM)
    late, soon = (
        case_view("a:1", SYSTEM),
        case_view("a:2", SYSTEM, due_at="2026-03-03T00:00Z", waiting_for=["operator"]),
    )
    for view in (late, soon):
        await records.ledger.commit(Step(key=view.id, entries=[entry(view.id, SYSTEM)], case=view))
    waiting = await records.register.profile(SYSTEM)
    assert (waiting.waiting_for, waiting.due_at) == (["lead", "operator"], soon.due_at)
    closed = soon.model_copy(update={"open": False})
    await records.ledger.commit(Step(key="c", entries=[entry("c", SYSTEM)], case=closed))
    waiting = await records.register.profile(SYSTEM)
    assert (waiting.waiting_for, waiting.due_at) == (["lead"], late.due_at)


async def test_a_step_accepts_only_acts_that_are_stored(records: Records) -> None:
    await records.register_system(SYSTEM)
    forged = Step(key="k", entries=[entry("k", SYSTEM)], accepted_acts=["never-stored"])
    with pytest.raises(InvalidTransition, match="not stored"):
        await records.ledger.commit(forged)


async def test_a_refused_act_is_recorded_once_and_stays_refused(records: Records) -> None:
    await records.register_system(SYSTEM)
    act = signed(ActKind.VOTE, "lena", case="approval:1")
    await records.take(SYSTEM, act)
    refusal = entry("refused", SYSTEM, kind="attempt_refused")
    assert await records.ledger.refuse_act(act.act.id, refusal, rule="closed", sentence="Too late.")
    assert not await records.ledger.refuse_act(act.act.id, refusal, rule="closed", sentence="Too late.")
    stored = await records.register.act(act.act.id)
    assert (stored.state, stored.rule, stored.sentence) == ("refused", "closed", "Too late.")
    with pytest.raises(InvalidTransition, match="was refused"):
        await records.accept(SYSTEM, act, view=case_view("approval:1", SYSTEM))
    assert await records.count("ledger_entry") == 2


async def test_a_refusal_at_the_entrance_is_recorded_once(records: Records) -> None:
    copies = [entry("stranger", SYSTEM, facts={"copy": number}) for number in range(20)]
    done = await asyncio.gather(*(records.ledger.record([copy]) for copy in copies))
    assert sum(one.written for one in done) == 1
    assert {tuple(one.seqs) for one in done} == {(1,)}


async def test_an_act_can_be_refused_whose_refusal_is_recorded_already(records: Records) -> None:
    await records.register_system(SYSTEM)
    act = signed(ActKind.VOTE, "lena", case="approval:1")
    await records.take(SYSTEM, act)
    await records.ledger.record([entry("refused", SYSTEM, facts={"at": "the entrance"})])
    again = entry("refused", SYSTEM, facts={"at": "the process"})
    assert await records.ledger.refuse_act(act.act.id, again, rule="Closed", sentence="Too late.")
    assert (await records.acts.state_of(act.act.id)).state == "refused"
