"""Evidence over REST: stored under its digest, listed, read back verified and never shown by a browser."""

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from tests.api.rest_desk import Office, RestDesk, fresh, problem_of
from tests.organisation import ENGINEERING, RISK

MEBIBYTE = 1024 * 1024
UNKNOWN = "sha256:" + "0" * 64


def digest_of(content: bytes) -> str:
    """Return the digest of content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


async def upload(
    desk: RestDesk, key: str, *, content: bytes, name: str = "report.txt", media_type: str = "text/plain"
) -> httpx.Response:
    """Upload a file for a system."""
    files = {"file": (name, content, media_type)}
    return await desk.http.post(f"/v1/systems/{key}/evidence", files=files, headers=await desk.headers(ENGINEERING))


@pytest.mark.feature(91, 93, 114)
async def test_evidence_is_stored_under_its_digest_and_listed(desk: RestDesk) -> None:
    key, content = fresh("spell-checker"), b"all tests passed"
    await desk.start(key)
    answer = await upload(desk, key, content=content)
    assert answer.status_code == 201
    known = {"digest": digest_of(content), "size": len(content), "media_type": "text/plain", "name": "report.txt"}
    assert known.items() <= answer.json().items()
    assert answer.json()["uploaded_by"] == ENGINEERING
    items = (await desk.get(f"/v1/systems/{key}/evidence")).json()["items"]
    assert [(item["digest"], item["system_key"]) for item in items] == [(digest_of(content), key)]


@pytest.mark.feature(93)
async def test_the_same_content_again_changes_nothing(desk: RestDesk) -> None:
    key = fresh("spell-checker")
    await desk.start(key)
    await upload(desk, key, content=b"content")
    before = await desk.at_rest()
    again = await upload(desk, key, content=b"content", name="another-name.txt")
    assert (again.status_code, again.json()["digest"]) == (201, digest_of(b"content"))
    assert await desk.footprint() == before


@pytest.mark.feature(91)
@pytest.mark.parametrize("name", ["page.html", 'a";b\r\nSet-Cookie: x.html', "../../etc/passwd", "Größe €.html"])
async def test_evidence_is_only_ever_an_attachment(office: Office, name: str) -> None:
    content = b"<script>alert(1)</script>" + name.encode()
    stored = await upload(office.desk, office.form.system, content=content, name=name, media_type="text/html")
    assert stored.status_code == 201
    answer = await office.desk.get(f"/v1/evidence/{digest_of(content)}")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    kind, _, given = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (kind, "/" in given, "set-cookie" in answer.headers) == ("attachment", False, False)
    assert unquote(given) == stored.json()["name"]


@pytest.mark.feature(93, 94)
async def test_content_that_was_altered_in_the_store_is_never_delivered(office: Office) -> None:
    content = b"the original report"
    await upload(office.desk, office.form.system, content=content)
    folder = Path(unquote(urlsplit(office.desk.company.settings.storage_url).path))
    stored = next(path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == content)
    stored.write_bytes(b"the altered report!")
    answer = await office.desk.get(f"/v1/evidence/{digest_of(content)}")
    assert (answer.status_code, problem_of(answer)["type"]) == (500, "internal")
    assert b"altered report" not in answer.content


@pytest.mark.parametrize("name", ["a\0b.txt", "a" * 5_000, ""])
async def test_a_strange_file_name_never_breaks_the_upload(office: Office, name: str) -> None:
    answer = await upload(office.desk, office.form.system, content=b"strange" + name.encode(), name=name)
    assert answer.status_code in {201, 400, 422}
    if answer.status_code == 201:
        assert 1 <= len(answer.json()["name"]) <= 200
        assert answer.json()["name"].isprintable()


@pytest.mark.parametrize(
    ("files", "place"), [({"file": ("empty.txt", b"")}, "/file"), ({"other": ("a.txt", b"x")}, "/file")]
)
async def test_an_upload_without_content_is_refused(
    office: Office, files: dict[str, tuple[str, bytes]], place: str
) -> None:
    before = await office.desk.footprint()
    headers = await office.desk.headers(ENGINEERING)
    answer = await office.desk.http.post(f"/v1/systems/{office.form.system}/evidence", files=files, headers=headers)
    assert answer.status_code == 422
    assert [one["pointer"] for one in problem_of(answer)["errors"]] == [place]
    assert await office.desk.footprint() == before


async def test_uploads_may_be_larger_than_requests_but_not_without_end(office: Office) -> None:
    large = await upload(office.desk, office.form.system, content=b"a" * (2 * MEBIBYTE))
    assert (large.status_code, large.json()["size"]) == (201, 2 * MEBIBYTE)
    before = await office.desk.footprint()
    endless = await upload(office.desk, office.form.system, content=b"a" * (64 * MEBIBYTE + 1))
    assert (endless.status_code, problem_of(endless)["type"]) == (413, "too-large")
    assert "64 MiB" in endless.json()["detail"]
    assert await office.desk.footprint() == before


async def test_unknown_evidence_is_not_found(office: Office) -> None:
    answer = await office.desk.get(f"/v1/evidence/{UNKNOWN}")
    assert (answer.status_code, problem_of(answer)["type"]) == (404, "not-found")


@pytest.mark.feature(23, 60, 91)
async def test_a_checklist_names_evidence_that_was_uploaded_for_its_system(desk: RestDesk) -> None:
    case = await desk.asked_to_vote(fresh("chat-helper"))
    await desk.vote(case)
    checklist = await desk.company.open_case(f"assignment:deployment-checklist:{case.system}:1")
    path = f"/v1/assignments/{checklist.id}/submission"
    content = {"test_report": digest_of(b"report"), "oversight": "Two trained people.", "rollback": "tested"}
    before = await desk.at_rest()
    missing = await desk.post(path, {"content": content}, by=ENGINEERING)
    assert (missing.status_code, problem_of(missing)["type"]) == (422, "evidence-missing")
    assert f"/v1/systems/{case.system}/evidence" in missing.json()["detail"]
    assert await desk.footprint() == before
    await upload(desk, case.system, content=b"report")
    assert (await desk.post(path, {"content": content}, by=RISK)).status_code == 403
    answer = await desk.post(path, {"content": content}, by=ENGINEERING)
    assert (answer.status_code, answer.json()["content"]) == (200, content)
