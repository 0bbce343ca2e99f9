"""What the interface says of itself and of the policy: OpenAPI, questionnaire, policies, health, counters."""

from typing import Any

import pytest

from aims.record import digest_of
from tests.api.rest_desk import PROBLEM, Office, RestDesk, fresh, problem_of

UNKNOWN = "sha256:" + "0" * 64
ACTS = ("votes", "submission", "withdrawal", "decommissioning")


async def operations(office: Office) -> dict[str, dict[str, Any]]:
    """Return every operation under /v1 of the OpenAPI document."""
    document = (await office.desk.http.get("/openapi.json")).json()
    return {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/v1")
    }


@pytest.mark.feature(114)
async def test_openapi_names_the_problems_and_the_token_of_every_operation(office: Office) -> None:
    found = await operations(office)
    assert {"post /v1/systems", "get /v1/tasks", "post /v1/approvals/{case}/votes"} <= set(found)
    for name, operation in found.items():
        assert {"401", "403", "404", "409", "413", "422", "503"} <= set(operation["responses"]), name
        assert set(operation["responses"]["422"]["content"]) == {PROBLEM}, name
        assert operation["security"] == [{"HTTPBearer": []}], name


@pytest.mark.feature(114)
async def test_openapi_tells_of_the_key_and_of_acts_that_are_being_worked_on(office: Office) -> None:
    found = await operations(office)
    acts = {name: one for name, one in found.items() if name.endswith((*ACTS, "post /v1/systems"))}
    assert len(acts) == 5
    for name, operation in acts.items():
        assert "202" in operation["responses"], name
        assert "idempotency-key" in {one["name"] for one in operation["parameters"]}, name


async def test_the_pages_of_the_interface_are_served(office: Office) -> None:
    page = await office.desk.http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.feature(131, 136)
async def test_the_policy_in_force_is_read_exactly_as_it_rules(office: Office) -> None:
    listed = (await office.desk.get("/v1/policies")).json()
    assert [item["digest"] for item in listed["items"]] == [listed["in_force"]]
    read = (await office.desk.get(f"/v1/policies/{listed['in_force']}")).json()
    assert read["digest"] == listed["in_force"] == digest_of(read["policy"])
    assert office.vote.policy_digest == listed["in_force"]


@pytest.mark.feature(131, 44)
async def test_a_policy_that_ruled_before_can_still_be_read(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("letter-writer"))
    desk.company.change_policy("approval-matrix.toml", "One person who carries", new="A person who carries")
    listed = (await desk.get("/v1/policies")).json()
    assert listed["in_force"] != case.policy_digest
    assert {item["digest"] for item in listed["items"]} == {listed["in_force"], case.policy_digest}
    before = (await desk.get(f"/v1/policies/{case.policy_digest}")).json()
    assert digest_of(before["policy"]) == case.policy_digest
    assert "One person who carries the decision." in str(before)


async def test_a_policy_that_never_ruled_is_not_found(office: Office) -> None:
    answer = await office.desk.get(f"/v1/policies/{UNKNOWN}")
    assert (answer.status_code, problem_of(answer)["type"]) == (404, "not-found")


@pytest.mark.feature(2, 5, 6)
async def test_the_questionnaire_lists_what_an_intake_answers(office: Office) -> None:
    answer = (await office.desk.get("/v1/questionnaire")).json()
    asked = (await office.desk.request("any"))["answers"]
    assert [question["id"] for question in answer["questions"]] == list(asked)
    assert all(question["article"] and question["applies_from"] for question in answer["questions"])


async def test_a_broken_policy_file_is_told_to_the_caller_and_changes_nothing(desk: RestDesk) -> None:
    await desk.company.services.policies.in_force()
    desk.company.change_policy("tiers.toml", 'tier = "limited"', new='tier = "no such tier"')
    before = await desk.footprint()
    answer = await desk.get("/v1/questionnaire")
    assert (answer.status_code, problem_of(answer)["type"]) == (500, "policy-invalid")
    assert "tiers.toml" in answer.json()["detail"]
    assert await desk.footprint() == before


@pytest.mark.feature(114)
async def test_health_and_counters_need_no_token(office: Office) -> None:
    healthy = await office.desk.http.get("/healthz")
    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})
    ready = await office.desk.http.get("/readyz")
    assert (ready.status_code, set(ready.json()["checks"].values())) == (200, {"ok"})
    counters = await office.desk.http.get("/metrics")
    assert counters.status_code == 200
    assert "# TYPE" in counters.text
