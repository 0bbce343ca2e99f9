"""Votes and forms over REST: taken once by those who are asked, refused with a sentence by everybody else."""

import pytest

from tests.api.rest_desk import AUDITOR, Office, RestDesk, fresh, problem_of, without_ledger
from tests.organisation import BUSINESS, FORMS, OWNER, REQUESTER, RISK, SECURITY

ANOTHER_DIGEST = "sha256:" + "0" * 64


@pytest.mark.feature(114, 42, 55)
async def test_a_vote_of_who_is_asked_is_answered_with_the_approval_as_it_then_stands(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    answer = await desk.vote(case, reason="The notice is in place.")
    assert answer.status_code == 200
    view = answer.json()
    assert view["case"]["outcome"] == "approved"
    assert [(vote["person"], vote["verdict"]) for vote in view["votes"]] == [(BUSINESS, "approve")]
    assert view["votes"][0]["reason"] == "The notice is in place."
    assert {vote["digest"] for vote in view["case"]["votes"]} == {case.digest}
    assert (await desk.get(f"/v1/approvals/{case.id}")).json() == view


@pytest.mark.feature(42, 98)
@pytest.mark.peer_fault("T1")
@pytest.mark.parametrize("by", [AUDITOR, SECURITY])
@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_a_vote_of_who_is_not_asked_is_refused_recorded_and_changes_nothing(
    office: Office, by: str, verdict: str
) -> None:
    desk, key = office.desk, office.vote.system
    before, recorded = await desk.footprint(), await desk.company.kinds(key)
    refused = await desk.vote(office.vote, by=by, verdict=verdict, reason="I want it so.")
    assert (refused.status_code, problem_of(refused)["type"]) == (403, "not-assigned")
    assert without_ledger(await desk.footprint()) == without_ledger(before)
    assert await desk.company.kinds(key) == [*recorded, "attempt_refused"]


@pytest.mark.feature(41)
@pytest.mark.peer_fault("T8")
@pytest.mark.parametrize("by", [REQUESTER, OWNER, RISK])
async def test_who_took_part_may_not_decide(office: Office, by: str) -> None:
    before = await office.desk.footprint()
    refused = await office.desk.vote(office.vote, by=by)
    assert (refused.status_code, problem_of(refused)["type"]) == (403, "separation-of-duties-violated")
    assert without_ledger(await office.desk.footprint()) == without_ledger(before)


@pytest.mark.feature(55, 56)
async def test_a_vote_on_other_content_is_stale_and_changes_nothing(office: Office) -> None:
    before = await office.desk.footprint()
    refused = await office.desk.vote(office.vote, digest=ANOTHER_DIGEST)
    assert (refused.status_code, problem_of(refused)["type"]) == (409, "stale-content")
    assert "current request" in refused.json()["detail"]
    assert without_ledger(await office.desk.footprint()) == without_ledger(before)


@pytest.mark.feature(45)
@pytest.mark.peer_fault("T12")
@pytest.mark.parametrize("verdict", ["reject", "request_changes"])
@pytest.mark.parametrize("reason", ["", " \n\t "])
async def test_a_refusal_without_a_reason_is_not_taken(office: Office, verdict: str, reason: str) -> None:
    before = await office.desk.footprint()
    refused = await office.desk.vote(office.vote, verdict=verdict, reason=reason)
    assert (refused.status_code, problem_of(refused)["type"]) == (422, "reason-missing")
    assert await office.desk.footprint() == before


@pytest.mark.feature(43)
@pytest.mark.peer_fault("T2")
async def test_a_late_vote_hears_that_it_is_closed_and_changes_nothing(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    assert (await desk.vote(case, verdict="reject", reason="No purpose.")).status_code == 200
    await desk.company.system_when(case.system, "rejected")
    before = await desk.at_rest()
    late = await desk.vote(case, verdict="approve")
    assert (late.status_code, problem_of(late)["type"]) == (409, "closed")
    assert "already closed: rejected" in late.json()["detail"]
    assert without_ledger(await desk.footprint()) == without_ledger(before)
    assert (await desk.company.kinds(case.system))[-1] == "attempt_refused"


async def test_somebody_who_lost_the_role_since_they_were_asked_may_not_vote(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    others = [one for one in desk.company.people.values() if one.id != BUSINESS]
    moved = desk.company.people[BUSINESS].model_copy(update={"roles": ["reviewer"]})
    await desk.company.services.people.upsert([*others, moved])
    refused = await desk.vote(case)
    assert (refused.status_code, problem_of(refused)["type"]) == (403, "role-missing")
    assert (await desk.get(f"/v1/approvals/{case.id}")).json()["case"]["open"]


@pytest.mark.feature(114, 18)
async def test_a_form_is_read_submitted_and_then_holds_its_content(desk: RestDesk) -> None:
    key = fresh("chat-helper")
    await desk.start(key, talks_to_people="yes")
    case = await desk.company.open_case(f"assignment:risk-assessment:{key}:1")
    owed = (await desk.get(f"/v1/assignments/{case.id}", by=RISK)).json()
    assert (owed["case"]["pending"], owed["content"]) == ([RISK], None)
    content = FORMS["risk-assessment"]
    answer = await desk.post(f"/v1/assignments/{case.id}/submission", {"content": content}, by=RISK)
    assert (answer.status_code, answer.json()["content"]) == (200, content)
    assert answer.json()["case"]["open"] is False


async def test_a_form_is_submitted_only_by_who_owes_it(office: Office) -> None:
    before = await office.desk.footprint()
    body = {"content": FORMS["risk-assessment"]}
    refused = await office.desk.post(f"/v1/assignments/{office.form.id}/submission", body, by=AUDITOR)
    assert (refused.status_code, problem_of(refused)["type"]) == (403, "not-assigned")
    assert without_ledger(await office.desk.footprint()) == without_ledger(before)


@pytest.mark.feature(2)
async def test_everybody_lists_what_they_owe_and_nothing_else(office: Office) -> None:
    owed = {}
    for person in (BUSINESS, RISK, AUDITOR):
        answer = await office.desk.get("/v1/tasks", by=person)
        owed[person] = [item["id"] for item in answer.json()["items"]]
    assert owed == {BUSINESS: [office.vote.id], RISK: [office.form.id], AUDITOR: []}


@pytest.mark.parametrize("path", ["/v1/approvals/{form}", "/v1/assignments/{vote}", "/v1/approvals/approval:use:no:1"])
async def test_what_is_not_there_is_not_found(office: Office, path: str) -> None:
    answer = await office.desk.get(path.format(form=office.form.id, vote=office.vote.id))
    assert (answer.status_code, problem_of(answer)["type"]) == (404, "not-found")
