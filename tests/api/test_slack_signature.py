"""Only what Slack signed, just now and for the first time, gets in; nothing else touches anything."""

import asyncio
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.actions import SlackId
from tests.api.slack_desk import CLOCK, SECRET, entrance, pressed, signed

BODY = pressed(SlackId.APPROVE)
STAMP, SIGNATURE = b"X-Slack-Request-Timestamp", b"X-Slack-Signature"
GOOD = signed(BODY)
SIG, NOW_STAMP = GOOD[SIGNATURE.decode()], GOOD[STAMP.decode()]

JUNK_STAMPS = ["", "abc", "1.5", "-1", "0", "nan", "inf", "1e9", "0x10", "9" * 30, "9" * 400, "9" * 5000, "1_0", "١٢٣"]
JUNK_SIGNATURES = [
    "",
    "v0",
    "v0=",
    "v1=" + SIG[3:],
    SIG[3:],
    SIG[:-1],
    SIG + "0",
    SIG.upper(),
    "v0=ü" * 9,
    "v0=" + "0" * 64,
]
SHIFTED = [str(int(NOW_STAMP) + shift) for shift in (-301, -300, -1, 1, 300, 301, 3600)]
FLIPPED = [SIG[:at] + ("0" if SIG[at] != "0" else "1") + SIG[at + 1 :] for at in range(3, len(SIG), 3)]
OTHER_SECRETS = [f"{SECRET} ", SECRET[1:], SECRET.upper(), "x"]
BODIES = [
    BODY + " ",
    BODY[1:],
    BODY.replace("U0ADA", "U0EVE"),
    BODY.replace("aims.approve", "aims.reject"),
    "",
    "{}",
    BODY + "\x00",
    BODY.replace("%7B", "{"),
    "payload=",
    BODY + "&" + BODY,
]


Headers = dict[bytes, bytes]


def headers(stamp: str, signature: str) -> Headers:
    return {STAMP: stamp.encode(), SIGNATURE: signature.encode()}


MUTATIONS = [
    *((BODY, headers(stamp, SIG)) for stamp in [*JUNK_STAMPS, *SHIFTED]),
    *((BODY, headers(NOW_STAMP, signature)) for signature in [*JUNK_SIGNATURES, *FLIPPED]),
    *((BODY, headers(NOW_STAMP, signed(BODY, secret=secret)[SIGNATURE.decode()])) for secret in OTHER_SECRETS),
    *((body, headers(NOW_STAMP, SIG)) for body in BODIES),
    (BODY, {}),
    (BODY, {STAMP: NOW_STAMP.encode()}),
    (BODY, {SIGNATURE: SIG.encode()}),
    (b"\xff\xfe", headers(NOW_STAMP, SIG)),
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=range(len(MUTATIONS)))
async def test_a_changed_request_is_refused(mutation: tuple[str | bytes, Headers]) -> None:
    body, changed = mutation
    async with entrance() as slack:
        answer = await slack.http.post("/slack/interactions", content=body, headers=changed)
        assert (answer.status_code, answer.json()["type"]) == (401, "unauthenticated")
        assert slack.nothing_happened()
        assert slack.acts.refusals == []


def test_there_are_more_than_sixty_mutations() -> None:
    assert len(MUTATIONS) > 60


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=200))
def test_no_junk_gets_in_or_breaks_anything(stamp: bytes, signature: bytes, body: bytes) -> None:
    async def refused() -> bool:
        clean = {STAMP: stamp.translate(None, b"\r\n\x00"), SIGNATURE: signature.translate(None, b"\r\n\x00")}
        async with entrance() as slack:
            return (await slack.http.post("/slack/events", content=body, headers=clean)).status_code == 401

    assert asyncio.run(refused())


@pytest.mark.parametrize(("shift", "status"), [(-301, 401), (-299, 200), (0, 200), (299, 200), (301, 401)])
async def test_a_request_counts_for_five_minutes_either_way(shift: int, status: int) -> None:
    async with entrance() as slack:
        assert (await slack.send(BODY, at=CLOCK + shift)).status_code == status
        assert bool(slack.acts.acts) is (status == 200)


@pytest.mark.parametrize("secret", ["", " "])
async def test_without_a_secret_nobody_gets_in(secret: str) -> None:
    async with entrance(secret=secret) as slack:
        assert (await slack.send(BODY)).status_code == 401


async def test_fifty_copies_of_a_request_are_one_act() -> None:
    async with entrance() as slack:
        answers = await asyncio.gather(*(slack.send(BODY) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(slack.acts.acts) == len(slack.slack.told) == 1


async def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole() -> None:
    async with entrance() as slack:
        assert (await slack.send(b"x" * (1024 * 1024 + 1))).status_code == 413
        assert (await slack.send(b"x" * (1024 * 1024))).status_code == 400
        assert slack.nothing_happened()


@pytest.mark.parametrize("path", ["/slack/events", "/slack/interactions", "/slack/commands"])
async def test_each_address_takes_every_kind_of_request(path: str) -> None:
    challenge = json.dumps({"type": "url_verification", "challenge": "c"})
    command = urlencode({"command": "/aims", "text": "help", "team_id": "T1", "user_id": "U0ADA", "trigger_id": "t"})
    async with entrance() as slack:
        assert (await slack.send(challenge, path=path)).json() == {"challenge": "c"}
        assert "What I can do" in (await slack.send(command, path=path)).text
        assert (await slack.send(BODY, path=path)).content == b""
        assert len(slack.acts.acts) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b'{"type": "event_callback"}',
        b'{"type": "url_verification"}',
        b'{"type": "url_verification", "challenge": 1}',
        b'{"type": "event_callback", "event": []}',
        b'{"type": "event_callback", "event": {"type": "app_home_opened", "user": {}}, "team_id": "T1"}',
        b"payload=",
        b"payload=null",
        b"payload=%7B%7D",
        b"payload=%7B%22type%22%3A%22block_actions%22%7D",
        b"payload=%7B%22type%22%3A%22view_submission%22%7D",
        b"payload=" + b"[" * 100_000,
        b"command=/aims",
        b"command=/aims&team_id=T1&user_id=../../x&trigger_id=t",
        b"&".join(b"a%d=1" % number for number in range(200)),
    ],
)
async def test_signed_junk_is_a_bad_request(body: bytes) -> None:
    async with entrance() as slack:
        # The verifier signs text only; what is no text cannot carry a valid signature at all.
        status = 401 if body == b"\xff" else 400
        headers = signed(b"" if status == 401 else body)
        answer = await slack.http.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == status
        assert slack.nothing_happened()
