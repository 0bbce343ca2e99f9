"""Assignments: escalation to another role, and roles that were lost."""

from datetime import timedelta

import pytest

from aims.errors import RoleMissing
from tests.organisation import LEAD, RISK, Organisation


async def owed(company: Organisation) -> str:
    """Bring a system to its risk assessment and return the assignment."""
    await company.request(company.key, talks_to_people="yes")
    return (await company.open_case(f"assignment:risk-assessment:{company.key}:1")).id


@pytest.mark.feature(49)
async def test_silence_brings_the_escalation_role_in_beside_those_asked(company: Organisation) -> None:
    case = await owed(company)
    await company.skip(case, timedelta(days=14, hours=1))
    escalated = await company.case_when(case, lambda view: view.escalated)
    assert escalated.pending == [RISK, LEAD]
    assert (await company.submit(case, LEAD)).state == "accepted"


async def test_role_that_nobody_holds_is_escalated_at_once(company: Organisation) -> None:
    people = [one.model_copy(update={"roles": []}) if one.id == RISK else one for one in company.people.values()]
    await company.services.people.upsert(people)
    await company.request(company.key, talks_to_people="yes")
    case = f"assignment:risk-assessment:{company.key}:1"
    assert (await company.case_when(case, lambda view: view.escalated)).pending == [LEAD]


async def test_person_who_lost_the_role_does_not_submit(company: Organisation) -> None:
    case = await owed(company)
    company.people[RISK] = company.people[RISK].model_copy(update={"roles": []})
    with pytest.raises(RoleMissing):
        await company.submit(case, RISK)
    assert (await company.services.register.case(case)).open
