"""The requester takes a request back."""

import pytest

from aims.errors import NotAssigned
from tests.organisation import BUSINESS, OWNER, REQUESTER, REVIEWER, RISK, Organisation, source


async def withdraw(company: Organisation, by: str) -> str:
    """Withdraw as a person, and return how the act was settled."""
    person = company.people[by]
    taken = await company.services.entrance.withdraw(person, company.key, reason="No longer needed.", source=source())
    return (await company.settled(taken)).state


@pytest.mark.feature(37)
async def test_requester_withdraws_while_an_assessment_is_open(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    open_case = await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    assert await withdraw(company, REQUESTER) == "accepted"
    closed = await company.case_when(open_case.id, lambda case: not case.open)
    assert closed.outcome == "withdrawn"
    assert (await company.handle(f"system:{company.key}").result())["stage"] == "withdrawn"


async def test_nobody_else_withdraws(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    with pytest.raises(NotAssigned):
        await withdraw(company, OWNER)
    assert (await company.services.register.profile(company.key)).stage == "risk_assessment"


async def test_system_in_operation_is_not_withdrawn(company: Organisation) -> None:
    await company.request(company.key)
    await company.system_when(company.key, "in_operation")
    assert await withdraw(company, REQUESTER) == "refused"
    assert (await company.services.register.profile(company.key)).stage == "in_operation"
    assert (await company.kinds(company.key))[-1] == "attempt_refused"


async def test_system_that_was_in_operation_is_suspended_instead_of_rejected(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    await company.into_operation(company.key)
    await company.submit((await company.to_review(company.key)).id, REVIEWER, conclusion="reassess")
    await company.submit((await company.open_case(f"assignment:risk-assessment:{company.key}:2")).id, RISK)
    again = await company.open_case(f"approval:use:{company.key}:2")
    assert await withdraw(company, REQUESTER) == "refused"
    await company.vote(again.id, BUSINESS, verdict="reject", reason="The risk grew.")
    assert (await company.system_when(company.key, "suspended")).next_review_at is not None
    await company.submit((await company.to_review(company.key)).id, REVIEWER)
    assert await company.open_case(f"assignment:risk-assessment:{company.key}:3")


async def test_submission_after_the_withdrawal_is_answered_as_closed(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    open_case = await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    await withdraw(company, REQUESTER)
    await company.case_when(open_case.id, lambda case: not case.open)
    with pytest.raises(Exception, match="already closed"):
        await company.submit(open_case.id, RISK)
