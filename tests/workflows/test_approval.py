"""Approvals: deadlines, rounds, separation of duties, on the real servers."""

from datetime import timedelta

import pytest

from aims.errors import AimsError, NotAssigned, SeparationOfDutiesViolated
from tests.organisation import BUSINESS, LEAD, OWNER, PRIVACY, REQUESTER, RISK, SECOND_PRIVACY, SECURITY, Organisation


async def asked(company: Organisation, **answers: str) -> None:
    """Bring a system to the approval of its use."""
    await company.request(company.key, **(answers or {"talks_to_people": "yes"}))
    while not await company.cases(company.key, "approval"):
        for case in await company.cases(company.key, "assignment"):
            await company.act_on(case)
    await company.open_case(company.use)


@pytest.mark.feature(48, 49, 39)
@pytest.mark.peer_fault("T8")
async def test_silence_is_reminded_escalated_and_then_expires(company: Organisation) -> None:
    await asked(company)
    await company.skip(company.use, timedelta(days=3, hours=1))
    assert "reminder_due" in await company.kinds(company.key)
    await company.skip(company.use, timedelta(days=4, hours=1))
    escalated = await company.case_when(company.use, lambda case: case.escalated)
    assert escalated.pending == [BUSINESS, LEAD]
    await company.skip(company.use, timedelta(days=14))
    assert (await company.system_when(company.key, "rejected")).stage == "rejected"
    assert (await company.services.register.case(company.use)).outcome == "expired"
    assert (await company.kinds(company.key))[-1] == "case_expired"


async def test_person_asked_by_escalation_can_decide(company: Organisation) -> None:
    await asked(company)
    await company.skip(company.use, timedelta(days=7, hours=1))
    await company.case_when(company.use, lambda case: case.escalated)
    assert (await company.vote(company.use, LEAD)).state == "accepted"
    assert (await company.services.register.case(company.use)).outcome == "approved"


@pytest.mark.feature(41)
@pytest.mark.peer_fault("T8")
async def test_requester_and_author_may_not_decide(company: Organisation) -> None:
    await asked(company, employment="yes")
    for person in (REQUESTER, OWNER, RISK, PRIVACY):
        with pytest.raises(SeparationOfDutiesViolated):
            await company.vote(company.use, person)
    assert (await company.services.register.case(company.use)).votes == []
    assert (await company.kinds(company.key)).count("attempt_refused") == 4


@pytest.mark.feature(41)
async def test_who_answered_an_open_question_may_not_decide(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="unknown")
    clarification = await company.open_case(f"assignment:clarification:{company.key}:1")
    await company.submit(clarification.id, LEAD, talks_to_people="yes")
    await company.submit((await company.open_case(f"assignment:risk-assessment:{company.key}:1")).id, RISK)
    assert LEAD in (await company.open_case(company.use)).excluded


@pytest.mark.feature(42)
@pytest.mark.peer_fault("T1")
async def test_somebody_who_is_not_asked_is_refused_and_recorded(company: Organisation) -> None:
    await asked(company)
    with pytest.raises(NotAssigned):
        await company.vote(company.use, SECURITY)
    assert (await company.kinds(company.key))[-1] == "attempt_refused"


@pytest.mark.feature(28, 29)
async def test_second_stage_opens_only_when_both_groups_of_the_first_are_satisfied(company: Organisation) -> None:
    await asked(company, employment="yes")
    await company.vote(company.use, SECOND_PRIVACY)
    assert (await company.services.register.case(company.use)).step == "experts"
    await company.vote(company.use, SECURITY)
    assert (await company.open_case(company.use, step="decision")).pending == [BUSINESS]


@pytest.mark.feature(35)
async def test_requested_changes_come_back_as_a_new_round_that_keeps_the_old_votes(company: Organisation) -> None:
    await asked(company)
    await company.vote(company.use, BUSINESS, verdict="request_changes", reason="Say who is told.")
    revision = await company.open_case(f"assignment:revision:{company.key}:2")
    assert revision.pending == [REQUESTER]
    await company.submit(revision.id, REQUESTER, talks_to_people="yes", synthetic_content="yes")
    await company.submit((await company.open_case(f"assignment:risk-assessment:{company.key}:2")).id, RISK)
    again = await company.open_case(f"approval:use:{company.key}:2")
    first = await company.services.register.case(company.use)
    assert [vote.verdict for vote in first.votes] == ["request_changes"]
    assert (again.votes, again.digest != first.digest) == ([], True)


@pytest.mark.peer_fault("T2")
async def test_rejection_ends_the_case_and_late_votes_change_nothing(company: Organisation) -> None:
    await asked(company)
    await company.vote(company.use, BUSINESS, verdict="reject", reason="Not needed.")
    await company.system_when(company.key, "rejected")
    with pytest.raises(AimsError, match="already closed"):
        await company.vote(company.use, BUSINESS)
    assert (await company.services.register.case(company.use)).outcome == "rejected"


@pytest.mark.clause("AIA-5")
async def test_prohibited_use_is_refused_by_rule(company: Organisation) -> None:
    await company.request(company.key, social_scoring="yes", employment="yes")
    profile = await company.system_when(company.key, "rejected")
    assert profile.tier == "prohibited"
    assert (await company.kinds(company.key))[-1] == "intake_refused"
