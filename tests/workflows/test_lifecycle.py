"""The life cycle from request to operation, review and end."""

import pytest

from tests.organisation import REVIEWER, Organisation


@pytest.mark.feature(52)
async def test_minimal_system_is_approved_by_policy_and_says_so(company: Organisation) -> None:
    await company.request(company.key)
    profile = await company.system_when(company.key, "in_operation")
    assert profile.tier == "minimal"
    kinds = await company.kinds(company.key)
    assert kinds.count("approved_by_policy") == 2
    assert kinds[-1] == "operation_entered"


@pytest.mark.feature(1, 2, 28, 59)
async def test_high_risk_system_passes_every_gate_into_operation(company: Organisation) -> None:
    key = company.key
    await company.request(key, employment="yes")
    await company.into_operation(key)
    profile = await company.system_when(key, "in_operation")
    assert (profile.tier, profile.risk_class) == ("high", "high")
    assert profile.next_review_at is not None
    kinds = await company.kinds(key)
    assert kinds.count("vote_recorded") == 4
    assert kinds[-1] == "operation_entered"


@pytest.mark.feature(62, 69)
async def test_system_is_reviewed_after_a_year_and_retired_with_a_closing_record(company: Organisation) -> None:
    key = company.key
    await company.request(key, talks_to_people="yes")
    await company.into_operation(key)
    await company.submit((await company.to_review(key)).id, REVIEWER)
    await company.system_when(key, "in_operation")
    await company.retire(key)
    kinds = await company.kinds(key)
    assert kinds[-1] == "decommissioned"
    assert {"review_due", "review_completed", "decommissioning_requested"} <= set(kinds)


@pytest.mark.feature(137, 62, 134)
async def test_ten_years_of_yearly_reviews_stay_small_and_replay(company: Organisation) -> None:
    key = company.key
    await company.request(key, talks_to_people="yes")
    await company.into_operation(key)
    for _ in range(10):
        await company.submit((await company.to_review(key)).id, REVIEWER)
        await company.system_when(key, "in_operation")
    sizes = await company.replayed(key)
    assert len(sizes) >= 2
    assert max(sizes) < 2000
    kinds = await company.kinds(key)
    assert kinds.count("review_completed") == 10


@pytest.mark.feature(111)
async def test_one_ticket_follows_a_life_from_request_to_retirement(company: Organisation) -> None:
    key = company.key
    await company.request(key)
    await company.system_when(key, "in_operation")
    assert await company.tickets(key) == ["open"]
    await company.retire(key)
    await company.handle(f"system:{key}").result()
    assert await company.tickets(key) == ["done"]
