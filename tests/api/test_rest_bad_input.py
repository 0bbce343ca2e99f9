"""Bad input at every POST is answered with a problem that names the place and the remedy, and changes no row."""

import json
from typing import Any

import httpx
import pytest

from tests.api.rest_desk import Office, fresh, problem_of
from tests.organisation import BUSINESS, FORMS, OWNER, REQUESTER, RISK

DEEP = "[" * 100_000
SYSTEMS, VOTES, SUBMISSION = "systems", "votes", "submission"
WITHDRAWAL, DECOMMISSIONING = "withdrawal", "decommissioning"
ROUTES = (SYSTEMS, VOTES, SUBMISSION, WITHDRAWAL, DECOMMISSIONING)
CALLERS = {SYSTEMS: REQUESTER, VOTES: BUSINESS, SUBMISSION: RISK, WITHDRAWAL: REQUESTER, DECOMMISSIONING: OWNER}
FORM = FORMS["risk-assessment"]


def nested(depth: int) -> list[Any]:
    """Return lists within lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


# Route, what is changed in a good body, and the place that the answer names.
WRONG: list[tuple[str, dict[str, Any], str]] = [
    (SYSTEMS, {"unknown": 1}, "/unknown"),
    (SYSTEMS, {"a/b~c": 1}, "/a~1b~0c"),
    (SYSTEMS, {"key": False}, "/key"),
    (SYSTEMS, {"key": "Credit Scorer"}, "/key"),
    (SYSTEMS, {"key": "a" * 64}, "/key"),
    (SYSTEMS, {"key": "a-key\n"}, "/key"),
    (SYSTEMS, {"name": 7}, "/name"),
    (SYSTEMS, {"name": None}, "/name"),
    (SYSTEMS, {"name": ""}, "/name"),
    (SYSTEMS, {"name": "a" * 121}, "/name"),
    (SYSTEMS, {"name": "a\0b"}, "/name"),
    (SYSTEMS, {"name": "\ud800"}, "/name"),
    (SYSTEMS, {"purpose": ["text"]}, "/purpose"),
    (SYSTEMS, {"purpose": "a" * 3001}, "/purpose"),
    (SYSTEMS, {"purpose": "a\0b"}, "/purpose"),
    (SYSTEMS, {"owner": "p-9999"}, "/owner"),
    (SYSTEMS, {"owner": 7}, "/owner"),
    (SYSTEMS, {"unit": "a" * 61}, "/unit"),
    (SYSTEMS, {"unit": "\0"}, "/unit"),
    (SYSTEMS, {"answers": []}, "/answers"),
    (SYSTEMS, {"answers": {"employment": True}}, "/answers/employment"),
    (SYSTEMS, {"answers": {"employment": "perhaps"}}, "/answers/employment"),
    (SYSTEMS, {"answers": {"no_such/question": "yes"}}, "/answers/no_such~1question"),
    (VOTES, {"unknown": 1}, "/unknown"),
    (VOTES, {"verdict": "yes"}, "/verdict"),
    (VOTES, {"verdict": True}, "/verdict"),
    (VOTES, {"verdict": None}, "/verdict"),
    (VOTES, {"digest": "sha256:short"}, "/digest"),
    (VOTES, {"digest": 0}, "/digest"),
    (VOTES, {"reason": 7}, "/reason"),
    (VOTES, {"reason": "a" * 8001}, "/reason"),
    (VOTES, {"reason": "a\0b"}, "/reason"),
    (SUBMISSION, {"unknown": 1}, "/unknown"),
    (SUBMISSION, {"content": "text"}, "/content"),
    (SUBMISSION, {"content": None}, "/content"),
    (SUBMISSION, {"content": {}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "unknown": 1}}, "/content/unknown"),
    (SUBMISSION, {"content": {**FORM, "\ud800": 1}}, "/content"),
    (SUBMISSION, {"content": {**FORM, "likelihood": False}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": 2.0}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": 6}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": 2**80}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": float("nan")}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": [[[1]]]}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": {"\ud800": 1}}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "likelihood": nested(500)}}, "/content/likelihood"),
    (SUBMISSION, {"content": {**FORM, "controls": 7}}, "/content/controls"),
    (SUBMISSION, {"content": {**FORM, "controls": "a\0b"}}, "/content/controls"),
    (SUBMISSION, {"content": {**FORM, "controls": "\ud800"}}, "/content/controls"),
    (SUBMISSION, {"content": {**FORM, "controls": "a" * 8001}}, "/content/controls"),
    *((route, {"unknown": 1}, "/unknown") for route in (WITHDRAWAL, DECOMMISSIONING)),
    *((route, {"reason": ""}, "/reason") for route in (WITHDRAWAL, DECOMMISSIONING)),
    *((route, {"reason": 7}, "/reason") for route in (WITHDRAWAL, DECOMMISSIONING)),
    *((route, {"reason": "a\0b"}, "/reason") for route in (WITHDRAWAL, DECOMMISSIONING)),
    *((route, {"reason": "a" * 8001}, "/reason") for route in (WITHDRAWAL, DECOMMISSIONING)),
]
JUNK = {"nothing": b"", "no json": b"{key:", "a list": b"[]", "null": b"null", "not utf-8": b"\xff\xfe", "deep": DEEP}


def path_of(route: str, office: Office) -> str:
    """Return the path of a POST on what is open in the office."""
    system = f"/v1/systems/{office.vote.system}"
    paths = {
        SYSTEMS: "/v1/systems",
        VOTES: f"/v1/approvals/{office.vote.id}/votes",
        SUBMISSION: f"/v1/assignments/{office.form.id}/submission",
    }
    return paths.get(route, f"{system}/{route}")


async def good_body(route: str, office: Office) -> dict[str, Any]:
    """Return a body that the route would take."""
    if route == SYSTEMS:
        return await office.desk.request(fresh("never-there"))
    bodies: dict[str, dict[str, Any]] = {
        VOTES: {"verdict": "approve", "digest": office.vote.digest},
        SUBMISSION: {"content": FORM},
    }
    return bodies.get(route, {"reason": "Because."})


async def send(office: Office, route: str, *, content: Any, **headers: str) -> httpx.Response:
    """Send raw content as JSON of the right person, with other headers where they are given."""
    known = {**await office.desk.headers(CALLERS[route]), "Content-Type": "application/json", **headers}
    return await office.desk.http.post(path_of(route, office), content=content, headers=known)


def named(answer: httpx.Response) -> list[str]:
    """Return the places that a problem names."""
    return [one["pointer"] for one in problem_of(answer)["errors"]]


@pytest.mark.feature(114, 2)
@pytest.mark.parametrize(("route", "changed", "place"), WRONG)
async def test_a_wrong_field_is_named_and_nothing_changes(
    office: Office, route: str, changed: dict[str, Any], place: str
) -> None:
    body = {**await good_body(route, office), **changed}
    before = await office.desk.footprint()
    answer = await send(office, route, content=json.dumps(body))
    assert answer.status_code == 422
    assert [found for found in named(answer) if found == place or (place and found.startswith(f"{place}/"))]
    assert await office.desk.footprint() == before


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("route", ROUTES)
async def test_junk_is_answered_with_a_problem(office: Office, route: str, junk: str) -> None:
    before = await office.desk.footprint()
    answer = await send(office, route, content=JUNK[junk])
    assert answer.status_code in {400, 422}
    problem_of(answer)
    assert await office.desk.footprint() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "junk"])
@pytest.mark.parametrize("route", ROUTES)
async def test_another_content_type_is_told_what_to_send(office: Office, route: str, kind: str) -> None:
    body = json.dumps(await good_body(route, office))
    before = await office.desk.footprint()
    answer = await send(office, route, content=body, **{"Content-Type": kind})
    assert answer.status_code in {415, 422}
    assert "application/json" in problem_of(answer)["detail"]
    assert await office.desk.footprint() == before


@pytest.mark.parametrize(("key", "says"), [("", "Send an Idempotency-Key"), ("k" * 201, "at most 200")])
@pytest.mark.parametrize("route", ROUTES)
async def test_a_request_without_a_usable_key_is_not_taken(office: Office, route: str, key: str, says: str) -> None:
    body = json.dumps(await good_body(route, office))
    before = await office.desk.footprint()
    answer = await send(office, route, content=body, **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert named(answer) == ["/header/Idempotency-Key"]
    assert says in answer.text
    assert await office.desk.footprint() == before


@pytest.mark.parametrize("route", ROUTES)
async def test_a_body_over_one_mebibyte_is_too_large(office: Office, route: str) -> None:
    before = await office.desk.footprint()
    answer = await send(office, route, content=b'{"reason": "' + b"a" * 1024 * 1024 + b'"}')
    assert (answer.status_code, problem_of(answer)["type"]) == (413, "too-large")
    assert await office.desk.footprint() == before


@pytest.mark.feature(2)
async def test_a_taken_key_names_a_free_one(office: Office) -> None:
    body = {**await office.desk.request(office.vote.system), "name": "Another one"}
    before = await office.desk.footprint()
    answer = await office.desk.post("/v1/systems", body)
    assert (answer.status_code, problem_of(answer)["type"]) == (409, "key-taken")
    assert f"for example {office.vote.system}-2" in answer.json()["detail"]
    assert await office.desk.footprint() == before


@pytest.mark.parametrize("route", [WITHDRAWAL, DECOMMISSIONING, "evidence"])
async def test_a_system_that_is_not_there_is_not_found(office: Office, route: str) -> None:
    before = await office.desk.footprint()
    headers = await office.desk.headers(REQUESTER)
    send_as: dict[str, Any] = {"files": {"file": b"x"}} if route == "evidence" else {"json": {"reason": "Because."}}
    answer = await office.desk.http.post(f"/v1/systems/no-such-system/{route}", headers=headers, **send_as)
    assert (answer.status_code, problem_of(answer)["type"]) == (404, "not-found")
    assert await office.desk.footprint() == before


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/systems?limit=0", "/query/limit"),
        ("/v1/systems?limit=201", "/query/limit"),
        ("/v1/systems?limit=x", "/query/limit"),
        ("/v1/systems?cursor=NO", "/query/cursor"),
        ("/v1/systems?stage=no", "/query/stage"),
        ("/v1/systems?tier=no", "/query/tier"),
        ("/v1/systems?class=%00", "/query/class"),
        ("/v1/systems?owner=%00", "/query/owner"),
        ("/v1/systems?q=%00", "/query/q"),
        ("/v1/systems?overdue=perhaps", "/query/overdue"),
        ("/v1/systems/NO", "/path/key"),
        ("/v1/systems/NO/timeline", "/path/key"),
        ("/v1/approvals/%00", "/path/case"),
        ("/v1/assignments/%00", "/path/case"),
        ("/v1/evidence/no", "/path/digest"),
        ("/v1/policies/no", "/path/digest"),
    ],
)
async def test_a_wrong_parameter_is_named(office: Office, path: str, place: str) -> None:
    answer = await office.desk.http.get(path, headers=await office.desk.headers(REQUESTER))
    assert answer.status_code == 422
    assert named(answer) == [place]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/no", 404), ("DELETE", "/v1/systems", 405)])
async def test_what_the_interface_does_not_have_is_a_problem_too(
    office: Office, method: str, path: str, status: int
) -> None:
    answer = await office.desk.http.request(method, path)
    assert answer.status_code == status
    assert "/docs" in problem_of(answer)["detail"]
    assert (answer.headers.get("allow") is not None) == (status == 405)
