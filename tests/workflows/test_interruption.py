"""Acts of administrators in Temporal are noticed, recorded and healed; missed duties have consequences."""

import pytest

from tests.organisation import REVIEWER, RISK, Organisation


async def test_terminated_stage_is_recorded_and_begun_again(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    await company.handle(f"risk_assessment:{company.key}:1").terminate(reason="by mistake")
    again = await company.open_case(f"assignment:risk-assessment:{company.key}:2")
    assert "stage_interrupted" in await company.kinds(company.key)
    assert (await company.submit(again.id, RISK)).state == "accepted"
    await company.open_case(f"approval:use:{company.key}:1")


async def test_cancelled_stage_is_recorded_and_begun_again(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    first = await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    await company.handle(f"risk_assessment:{company.key}:1").cancel()
    await company.open_case(f"assignment:risk-assessment:{company.key}:2")
    assert (await company.services.register.case(first.id)).outcome == "withdrawn"
    assert "stage_interrupted" in await company.kinds(company.key)


@pytest.mark.feature(64, 100)
async def test_missed_review_suspends_and_the_next_one_brings_the_system_back(company: Organisation) -> None:
    await company.request(company.key)
    await company.system_when(company.key, "in_operation")
    review = await company.to_review(company.key)
    await company.skip_to(review.id, review.due_at)
    assert (await company.system_when(company.key, "suspended")).next_review_at is not None
    assert {"reminder_due", "escalated", "expired", "review_missed"} <= set(await company.kinds(company.key))
    await company.submit((await company.to_review(company.key)).id, REVIEWER)
    await company.system_when(company.key, "in_operation")


@pytest.mark.feature(44)
@pytest.mark.peer_fault("T3")
async def test_running_case_keeps_the_policy_it_started_with(company: Organisation) -> None:
    await company.request(company.key, talks_to_people="yes")
    first = await company.open_case(f"assignment:risk-assessment:{company.key}:1")
    company.change_policy("approval-matrix.toml", 'id = "use-limited"', new='id = "use-limited-new"')
    await company.request(f"{company.key}-younger", talks_to_people="yes")
    younger = await company.open_case(f"assignment:risk-assessment:{company.key}-younger:1")
    await company.submit(first.id, RISK)
    approval = await company.open_case(f"approval:use:{company.key}:1")
    assert approval.policy_digest == first.policy_digest != younger.policy_digest
