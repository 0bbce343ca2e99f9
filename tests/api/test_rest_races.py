"""Everything counts once: the same key again, twenty at a time, fifty people at once."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from aims.casefile import CaseView
from aims.people import Person
from tests.api.rest_desk import RestDesk, fresh, problem_of
from tests.organisation import BUSINESS, RISK, until

STORED = "SELECT count(*) FROM act WHERE case_id = $1 AND kind = $2"


async def stored(desk: RestDesk, case: str, *, kind: str) -> int:
    """Return how many acts of a kind are stored for a case."""
    count: int = await desk.company.services.pool.fetchval(STORED, case, kind)
    return count


async def final(desk: RestDesk, case: CaseView, *, by: str, key: str) -> httpx.Response:
    """Vote, and ask again with the same key while the vote is being worked on and swept up."""

    async def look() -> httpx.Response | None:
        answer = await desk.vote(case, by=by, key=key)
        if answer.status_code != 202:
            return answer
        await desk.company.services.delivery.sweep()
        return None

    return await until(look, "an answer")


async def with_approvers(desk: RestDesk, count: int) -> list[str]:
    """Give the company further business approvers, and return who they all are."""
    new = [
        Person(id=f"p-{number}", name=f"Approver {number}", email=f"p{number}@example.org", roles=["business-approver"])
        for number in range(2000, 2000 + count)
    ]
    await desk.company.services.people.upsert([*desk.company.people.values(), *new])
    return [BUSINESS, *(one.id for one in new)]


@pytest.mark.feature(135)
async def test_the_same_key_again_gets_the_same_answer(desk: RestDesk) -> None:
    key = fresh("spell-checker")
    first = await desk.start(key, once="start-it")
    await desk.company.system_when(key, "in_operation")
    again = await desk.start(key, once="start-it")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["location"] == again.headers["location"]
    assert await stored(desk, f"system:{key}", kind="start") == 1


@pytest.mark.feature(135, 43)
async def test_twenty_copies_of_a_start_are_one_system_and_one_answer(desk: RestDesk) -> None:
    key = fresh("spell-checker")
    answers = await asyncio.gather(*(desk.start(key, once="start-it") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await stored(desk, f"system:{key}", kind="start") == 1
    await desk.company.system_when(key, "in_operation")
    assert (await desk.company.kinds(key)).count("operation_entered") == 1


@pytest.mark.feature(135, 43)
async def test_twenty_copies_of_a_vote_are_one_vote_and_one_answer(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    answers = await asyncio.gather(*(final(desk, case, by=BUSINESS, key="vote-it") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await stored(desk, case.id, kind="vote") == 1
    assert (await desk.company.kinds(case.system)).count("vote_recorded") == 1


async def test_a_key_is_not_used_for_another_request(desk: RestDesk) -> None:
    await desk.start(fresh("spell-checker"), once="mine")
    before = await desk.at_rest()
    other = await desk.start(fresh("spell-checker"), once="mine")
    assert (other.status_code, problem_of(other)["type"]) == (422, "invalid")
    assert "another request" in other.json()["detail"]
    assert await desk.footprint() == before


async def test_two_people_may_use_the_same_key(desk: RestDesk) -> None:
    answers = [await desk.start(fresh("spell-checker"), by=by, once="same") for by in (BUSINESS, RISK)]
    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.feature(43)
@pytest.mark.peer_fault("T4")
async def test_fifty_votes_of_one_person_at_once_are_one_vote(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    votes = (final(desk, case, by=BUSINESS, key=f"click-{number}") for number in range(50))
    answers = await asyncio.gather(*votes)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    assert {problem_of(one)["type"] for one in answers if one.status_code == 409} <= {"closed", "already-decided"}
    await decided_once(desk, case, attempts=49)


@pytest.mark.feature(43)
@pytest.mark.peer_fault("T4")
async def test_fifty_people_at_once_are_one_transition(desk: RestDesk) -> None:
    people = await with_approvers(desk, 49)
    case = await desk.asked_to_vote(fresh("letter-writer"))
    answers = await asyncio.gather(*(final(desk, case, by=person, key="click") for person in people))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    assert {problem_of(one)["type"] for one in answers if one.status_code == 409} == {"closed"}
    await decided_once(desk, case, attempts=49)


async def decided_once(desk: RestDesk, case: CaseView, *, attempts: int) -> None:
    """Look whether a case was decided by one vote, went on once, and every other attempt is in the ledger."""
    await desk.company.system_when(case.system, "deployment_sign_off")
    entries: list[dict[str, Any]] = (await desk.get(f"/v1/systems/{case.system}/timeline")).json()["items"]
    kinds = Counter(entry["kind"] for entry in entries)
    assert (kinds["vote_recorded"], kinds["attempt_refused"]) == (1, attempts)
    stages = [entry["facts"]["stage"] for entry in entries if entry["kind"] == "stage_entered"]
    assert stages.count("deployment_sign_off") == 1
    assert len((await desk.get(f"/v1/approvals/{case.id}")).json()["votes"]) == 1
