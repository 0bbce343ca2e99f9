"""AI systems over REST: start, read, list page by page, withdraw, end."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.rest_desk import Office, RestDesk, fresh, problem_of
from tests.organisation import BUSINESS, OWNER, REQUESTER

ADD_SYSTEM = """
    INSERT INTO ai_system (key, workflow_id, name, purpose, owner, requester, stage, tier, risk_class, due_at,
        requested_at)
    VALUES ($1, $1, $2, 'To list.', $3, 'p-1001', $4, $5, $6, $7, now())
"""


async def add_system(desk: RestDesk, key: str, **other: Any) -> None:
    """Put a system into the register without a life."""
    row = {"name": key, "owner": OWNER, "stage": "intake", "tier": None, "risk_class": None, "due_at": None, **other}
    await desk.company.services.pool.execute(ADD_SYSTEM, key, *row.values())


async def keys(desk: RestDesk, **wanted: Any) -> list[str]:
    """Return the keys of the systems that a filter finds."""
    answer = await desk.get("/v1/systems", **wanted)
    assert answer.status_code == 200
    return [item["key"] for item in answer.json()["items"]]


async def in_operation(desk: RestDesk) -> str:
    """Bring a new system without findings into operation and return its key."""
    key = fresh("spell-checker")
    await desk.start(key)
    await desk.company.system_when(key, "in_operation")
    return key


@pytest.mark.feature(114, 1, 2)
async def test_a_started_system_is_created_with_its_location_and_case_view(desk: RestDesk) -> None:
    key = fresh("spell-checker")
    answer = await desk.start(key)
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/systems/{key}")
    view = answer.json()
    assert (view["key"], view["owner"], view["requester"]) == (key, OWNER, REQUESTER)
    assert view["links"]["timeline"] == f"/v1/systems/{key}/timeline"
    assert "open_cases" in view
    await desk.company.system_when(key, "in_operation")
    assert (await desk.get(answer.headers["location"])).json()["stage"] == "in_operation"


@pytest.mark.feature(114, 98)
async def test_the_timeline_tells_what_happened_oldest_first(desk: RestDesk) -> None:
    key = await in_operation(desk)
    items = (await desk.get(f"/v1/systems/{key}/timeline")).json()["items"]
    assert [item["kind"] for item in items] == await desk.company.kinds(key)
    assert items[-1]["kind"] == "operation_entered"
    assert "To test." not in json.dumps(items)


@pytest.mark.feature(114, 1)
async def test_the_case_view_shows_who_is_asked_for_what(office: Office) -> None:
    view = (await office.desk.get(f"/v1/systems/{office.form.system}")).json()
    assert (view["stage"], view["tier"], view["risk_class"]) == ("risk_assessment", "limited", "transparency")
    assert [case["id"] for case in view["open_cases"]] == [office.form.id]
    assert view["open_cases"][0]["waiting_for"] == ["risk-owner"]
    assert view["policy_digest"].startswith("sha256:")
    assert view["due_at"].endswith("Z")


@pytest.mark.feature(37)
async def test_the_requester_withdraws_and_nobody_else(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("chat-helper"))
    path = f"/v1/systems/{case.system}/withdrawal"
    assert problem_of(await desk.post(path, {"reason": "Not ours."}, by=BUSINESS))["type"] == "not-assigned"
    answer = await desk.post(path, {"reason": "Not needed any more."})
    assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn")
    await desk.company.case_when(case.id, lambda view: not view.open)
    late = await desk.vote(case)
    assert (late.status_code, problem_of(late)["type"]) == (409, "closed")


@pytest.mark.feature(69)
async def test_the_owner_asks_for_the_end_of_a_system_in_operation(desk: RestDesk) -> None:
    key = await in_operation(desk)
    path = f"/v1/systems/{key}/decommissioning"
    refused = await desk.post(path, {"reason": "I do not like it."}, by=BUSINESS)
    assert (refused.status_code, problem_of(refused)["type"]) == (403, "not-assigned")
    answer = await desk.post(path, {"reason": "Replaced."}, by=OWNER)
    assert (answer.status_code, answer.json()["stage"]) == (200, "decommissioning")
    kinds = await desk.company.kinds(key)
    assert kinds.count("decommissioning_requested") == 1
    assert kinds.count("attempt_refused") == 1


async def test_a_request_cannot_be_withdrawn_after_it_went_into_operation(desk: RestDesk) -> None:
    key = await in_operation(desk)
    late = await desk.post(f"/v1/systems/{key}/withdrawal", {"reason": "Too late."})
    assert (late.status_code, problem_of(late)["type"]) == (409, "closed")
    assert (await desk.get(f"/v1/systems/{key}")).json()["stage"] == "in_operation"


@pytest.mark.feature(114)
async def test_no_page_repeats_or_omits_a_system_while_others_are_added(desk: RestDesk) -> None:
    there = [f"system-{number:02}" for number in range(11)]
    for key in there:
        await add_system(desk, key)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for page in range(20):
        body = (await desk.get("/v1/systems", limit=3, **cursor)).json()
        assert len(body["items"]) <= 3
        seen += [item["key"] for item in body["items"]]
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
        for new in (f"before-{page}", f"system-{page:02}-b", f"zz-{page}"):
            await add_system(desk, new)
    assert [key for key in seen if key in there] == there
    assert len(seen) == len(set(seen))


async def test_a_page_that_ends_with_the_last_system_has_no_next(desk: RestDesk) -> None:
    for number in range(4):
        await add_system(desk, f"system-{number}")
    assert (await desk.get("/v1/systems", limit=4)).json()["next"] is None
    assert (await desk.get("/v1/systems", limit=3)).json()["next"] == "system-2"


@pytest.mark.feature(1)
async def test_every_filter_finds_what_it_names_and_only_that(desk: RestDesk) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    await add_system(desk, "aa-plain")
    await add_system(desk, "bb-stage", stage="rejected")
    await add_system(desk, "cc-tier", tier="high")
    await add_system(desk, "dd-class", risk_class="transparency")
    await add_system(desk, "ee-owner", owner=BUSINESS)
    await add_system(desk, "ff-late", due_at=past)
    await add_system(desk, "gg-name", name="Größe 100%_x")
    assert await keys(desk, stage="rejected") == ["bb-stage"]
    assert await keys(desk, tier="high") == ["cc-tier"]
    assert await keys(desk, **{"class": "transparency"}) == ["dd-class"]
    assert await keys(desk, owner=BUSINESS) == ["ee-owner"]
    assert await keys(desk, overdue="true") == ["ff-late"]
    assert await keys(desk, q="GRÖSSE") == []
    assert await keys(desk, q="größe 100%_") == ["gg-name"]
    assert len(await keys(desk)) == 7
