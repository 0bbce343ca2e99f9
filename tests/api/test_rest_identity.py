"""Who calls: a token stands for one active person, or for nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.rest_desk import AUDITOR, Office, RestDesk, problem_of
from tests.organisation import REQUESTER

READS = [
    "/v1/systems",
    "/v1/systems/{system}",
    "/v1/systems/{system}/timeline",
    "/v1/systems/{system}/evidence",
    "/v1/evidence/sha256:" + "0" * 64,
    "/v1/tasks",
    "/v1/approvals/{vote}",
    "/v1/assignments/{form}",
    "/v1/policies",
    "/v1/policies/sha256:" + "0" * 64,
    "/v1/questionnaire",
]
WRITES = [
    "/v1/systems",
    "/v1/systems/{system}/withdrawal",
    "/v1/systems/{system}/decommissioning",
    "/v1/systems/{system}/evidence",
    "/v1/approvals/{vote}/votes",
    "/v1/assignments/{form}/submission",
]
HEADERS: dict[str, dict[str, Any]] = {
    "none": {},
    "empty": {"Authorization": ""},
    "no token": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": "Basic cDpw"},
    "unknown": {"Authorization": "Bearer aims_unknown"},
    "not ascii": {"Authorization": "Bearer aims_Gr\xf6\xdfe".encode("latin-1")},
    "a quote": {"Authorization": "Bearer ' OR '1'='1"},
}


def refused_for_want_of_a_token(answer: httpx.Response) -> bool:
    """Look whether an answer is a 401 that says how to get a token."""
    detail = problem_of(answer)["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code == 401 and "aims token create" in detail


def path_in(office: Office, template: str) -> str:
    """Return the path with the ids of the office."""
    return template.format(system=office.vote.system, vote=office.vote.id, form=office.form.id)


@pytest.mark.feature(129)
@pytest.mark.parametrize("path", READS)
async def test_nothing_is_read_without_a_token(office: Office, path: str) -> None:
    assert refused_for_want_of_a_token(await office.desk.http.get(path_in(office, path)))


@pytest.mark.feature(129)
@pytest.mark.parametrize("path", WRITES)
async def test_nothing_is_done_without_a_token(office: Office, path: str) -> None:
    before = await office.desk.footprint()
    answer = await office.desk.http.post(path_in(office, path), json={}, headers={"Idempotency-Key": "1"})
    assert refused_for_want_of_a_token(answer)
    assert await office.desk.footprint() == before


@pytest.mark.parametrize("kind", HEADERS)
async def test_a_wrong_header_is_nobody(office: Office, kind: str) -> None:
    answer = await office.desk.http.get("/v1/tasks", headers=HEADERS[kind])
    assert refused_for_want_of_a_token(answer)


async def test_an_expired_token_is_nobody(office: Office) -> None:
    tokens = office.desk.company.services.tokens
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = await tokens.create(REQUESTER, "expired", expires_at=past)
    answer = await office.desk.http.get("/v1/tasks", headers={"Authorization": f"Bearer {token}"})
    assert refused_for_want_of_a_token(answer)


async def test_a_revoked_token_is_nobody_at_once(desk: RestDesk) -> None:
    assert (await desk.get("/v1/tasks")).status_code == 200
    assert await desk.company.services.tokens.revoke(REQUESTER, "test") == 1
    assert refused_for_want_of_a_token(await desk.get("/v1/tasks"))


async def test_somebody_who_left_is_nobody_and_starts_nothing(desk: RestDesk) -> None:
    await desk.company.services.policies.in_force()
    headers = await desk.headers(REQUESTER)
    stayed = [one for one in desk.company.people.values() if one.id != REQUESTER]
    await desk.company.services.people.upsert(stayed)
    before = await desk.footprint()
    answer = await desk.http.post("/v1/systems", json=await desk.request("left-behind"), headers=headers)
    assert refused_for_want_of_a_token(answer)
    assert await desk.footprint() == before


@pytest.mark.feature(97)
@pytest.mark.parametrize("path", [path for path in READS if "0" * 64 not in path])
async def test_an_auditor_reads_everything(office: Office, path: str) -> None:
    assert (await office.desk.get(path_in(office, path), by=AUDITOR)).status_code == 200


async def test_a_token_is_kept_only_as_a_digest(office: Office) -> None:
    headers = await office.desk.headers(REQUESTER)
    token = headers["Authorization"].removeprefix("Bearer ")
    rows = await office.desk.company.services.pool.fetch("SELECT t::text AS row FROM api_token t")
    assert rows
    assert not any(token in row["row"] for row in rows)
