"""The gate before operation counts signed acts again, from the record alone."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.postgres.gatecase import read_gate_case
from adapters.postgres.transactions import transaction
from aims.acts import SignedAct
from aims.casefile import CaseView
from aims.dossier import DEPLOYMENT, USE
from aims.errors import ApprovalNotEvidenced, InvalidTransition
from aims.journal import Step
from aims.people import Person
from aims.record import digest_of
from aims.systems import Stage, Tier
from tests.adapters.records import Records, good_votes, move_step
from tests.builders import FOREIGN_KEY, KEYS, PEOPLE, entry, snapshot, start, submission, vote

SYSTEM = "credit-scorer"
ENTRY = move_step(SYSTEM, Stage.IN_OPERATION)
Cast = tuple[SignedAct, CaseView]
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def test_the_right_votes_open_the_gate_once(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    standing = await records.ledger.enter_operation(ENTRY, KEYS)
    length = await records.count("ledger_entry")
    assert standing.tier.tier is Tier.LIMITED
    assert (await records.register.profile(SYSTEM)).stage is Stage.IN_OPERATION
    assert await records.ledger.enter_operation(ENTRY, KEYS) == standing
    assert await records.count("ledger_entry") == length


WRONG: dict[str, Callable[[], list[Cast]]] = {
    "missing": lambda: [vote(SYSTEM, USE, person="lena")],
    "forged": lambda: [vote(SYSTEM, USE, person="lena", key=FOREIGN_KEY), vote(SYSTEM, DEPLOYMENT, person="olga")],
    "by somebody without the role": lambda: [vote(SYSTEM, USE, person="olga"), vote(SYSTEM, DEPLOYMENT, person="olga")],
    "on other content": lambda: [
        vote(SYSTEM, USE, person="lena", digest=digest_of("old")),
        vote(SYSTEM, DEPLOYMENT, person="olga"),
    ],
    "against": lambda: [vote(SYSTEM, USE, person="lena", verdict="reject"), vote(SYSTEM, DEPLOYMENT, person="olga")],
}


@pytest.mark.parametrize("why", WRONG)
async def test_the_gate_stays_shut_when_a_vote_is(records: Records, why: str) -> None:
    await records.bring_to_the_gate(SYSTEM, *WRONG[why]())
    before = await records.count("ledger_entry")
    with pytest.raises(ApprovalNotEvidenced):
        await records.ledger.enter_operation(ENTRY, KEYS)
    assert (await records.register.profile(SYSTEM)).stage is Stage.DEPLOYMENT_SIGN_OFF
    assert await records.count("ledger_entry") == before


@pytest.mark.parametrize("part", ["rita", "otto", "ada"])
async def test_requester_owner_and_author_do_not_count_as_approvers(records: Records, part: str) -> None:
    await _give_role(records, part, role="lead")
    await records.bring_to_the_gate(SYSTEM, vote(SYSTEM, USE, person=part), vote(SYSTEM, DEPLOYMENT, person="olga"))
    with pytest.raises(ApprovalNotEvidenced, match="'use'"):
        await records.ledger.enter_operation(ENTRY, KEYS)


async def test_a_voter_who_lost_the_role_does_not_count(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    await records.people.upsert([one for one in PEOPLE if one.id != "lena"])
    with pytest.raises(ApprovalNotEvidenced, match="'use'"):
        await records.ledger.enter_operation(ENTRY, KEYS)


async def test_a_vote_counts_only_after_its_process_accepted_it(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, vote(SYSTEM, USE, person="lena"))
    act, view = vote(SYSTEM, DEPLOYMENT, person="olga")
    await records.ledger.commit(Step(key="o", entries=[entry("o", SYSTEM)], case=view))
    await records.take(SYSTEM, act)
    with pytest.raises(ApprovalNotEvidenced, match="'deployment'"):
        await records.ledger.enter_operation(ENTRY, KEYS)
    await records.ledger.commit(Step(key="a", entries=[entry("a", SYSTEM)], case=view, accepted_acts=[act.act.id]))
    assert await records.ledger.enter_operation(ENTRY, KEYS)


async def test_an_assessment_written_again_voids_the_votes_before_it(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    act, view = submission(SYSTEM, "risk-assessment", person="lena")
    await records.accept(SYSTEM, act, view=view)
    with pytest.raises(ApprovalNotEvidenced):
        await records.ledger.enter_operation(ENTRY, KEYS)


async def test_the_votes_of_one_system_do_not_open_the_gate_of_another(records: Records) -> None:
    await records.bring_to_the_gate("other", *good_votes("other"))
    await records.bring_to_the_gate(SYSTEM)
    with pytest.raises(ApprovalNotEvidenced):
        await records.ledger.enter_operation(ENTRY, KEYS)


async def test_the_gate_leads_into_operation_only(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    with pytest.raises(InvalidTransition, match="not to approval"):
        await records.ledger.enter_operation(move_step(SYSTEM, Stage.APPROVAL, key="back"), KEYS)


async def test_the_admission_is_lost_when_the_system_is_assessed_anew(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    await records.ledger.enter_operation(ENTRY, KEYS)
    await records.move(SYSTEM, Stage.PERIODIC_REVIEW, key="review:1")
    await records.move(SYSTEM, Stage.IN_OPERATION, key="continue:1")
    await records.move(SYSTEM, Stage.PERIODIC_REVIEW, key="review:2")
    for stage in (Stage.RISK_ASSESSMENT, Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF):
        await records.move(SYSTEM, stage, key=f"again:{stage}")
    with pytest.raises(ApprovalNotEvidenced, match="only through the gate"):
        await records.move(SYSTEM, Stage.IN_OPERATION, key="again")


async def test_the_acts_count_in_the_order_of_their_acceptance(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    order = await records.pool.fetch("SELECT kind FROM act WHERE system_key = $1 ORDER BY settled_no", SYSTEM)
    assert [row["kind"] for row in order] == ["start", "submission", "submission", "vote", "vote"]
    assert start(SYSTEM) == (await records.register.act(start(SYSTEM).act.id)).signed


async def test_nobody_loses_a_role_while_the_gate_counts(records: Records) -> None:
    await records.bring_to_the_gate(SYSTEM, *good_votes(SYSTEM))
    async with transaction(records.pool) as connection:
        await read_gate_case(connection, SYSTEM, policy_digest=snapshot().digest)
        leaving = asyncio.create_task(records.people.upsert(PEOPLE[:1]))
        async with asyncio.timeout(2):
            while not await records.pool.fetchval(WAITING):
                pass
        assert not leaving.done()
    await leaving
    assert await records.people.roles_of("lena") == []


async def _give_role(records: Records, person: str, *, role: str) -> None:
    changed: list[Person] = [
        one.model_copy(update={"roles": [*one.roles, role]}) if one.id == person else one for one in PEOPLE
    ]
    await records.people.upsert(changed)
