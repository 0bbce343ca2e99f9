"""What the messenger asks of Slack, and how each failure of Slack becomes a fault."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from adapters.faults import Fault, PermanentFault, TransientFault
from adapters.slack.blocks import marker_block
from adapters.slack.client import SlackRefused, slack_client
from adapters.slack.directory import SlackDirectory
from adapters.slack.messenger import SlackMessenger
from aims.conversation import MessageRef
from aims.errors import Unreachable
from aims.people import Person
from tests.adapters.scripted_slack import Asked, ScriptedSlack, scripted_slack
from tests.slack_samples import ADA, NOW, card

TOKEN = "xoxb-scripted"
REF = MessageRef(channel="C1", ts="1.000001")
MARKED = [{"type": "header", "block_id": marker_block("m")}]
EARLY, LATE = f"{NOW.timestamp() - 3600:.6f}", f"{NOW.timestamp() + 5:.6f}"


class OnlyAda:
    """A directory with one person."""

    async def persons(self, ids: Sequence[str]) -> list[Person]:
        """Return Ada when she is asked for."""
        return [ADA] if ADA.id in ids else []


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as scripted:
        scripted.says("chat.postMessage", channel="C1", ts="1.000001")
        scripted.says("users.lookupByEmail", user={"id": "U0ADA"})
        scripted.says("conversations.open", channel={"id": "D0ADA"})
        scripted.says("conversations.history", messages=[])
        yield scripted


def messenger(slack: ScriptedSlack, *, timeout_seconds: int = 5) -> SlackMessenger:
    client = slack_client(TOKEN, base_url=slack.url, timeout_seconds=timeout_seconds)
    return SlackMessenger(client, SlackDirectory(client, OnlyAda()), channel="C1")


async def test_a_card_for_a_person_goes_to_their_direct_conversation(slack: ScriptedSlack) -> None:
    await messenger(slack).post("person:ada-lovelace", card(), marker="m")
    assert slack.methods() == ["users.lookupByEmail", "conversations.open", "chat.postMessage"]
    sent = slack.asked[-1][1]
    assert (sent["channel"], sent["unfurl_links"], sent["unfurl_media"]) == ("D0ADA", False, False)
    assert (sent["parse"], sent["link_names"]) == ("none", False)
    assert sent["metadata"]["event_payload"] == {"id": marker_block("m")}


async def test_the_same_marker_gives_the_same_message_id(slack: ScriptedSlack) -> None:
    for marker in ("m", "m", "other"):
        await messenger(slack).post("cases", card(), marker=marker)
    ids = [asked["client_msg_id"] for _, asked in slack.asked]
    assert ids[0] == ids[1] != ids[2]


async def test_a_reply_goes_into_the_thread_of_its_own_channel_only(slack: ScriptedSlack) -> None:
    await messenger(slack).post("cases", card(), marker="m", thread=REF)
    await messenger(slack).post("person:ada-lovelace", card(), marker="m", thread=REF)
    sent = [asked for method, asked in slack.asked if method == "chat.postMessage"]
    assert [asked.get("thread_ts") for asked in sent] == ["1.000001", None]


async def test_a_person_who_is_nobody_is_not_reached_and_somebody_else_can_be_asked(slack: ScriptedSlack) -> None:
    with pytest.raises(Unreachable):
        await messenger(slack).post("person:nobody-known", card(), marker="m")


@pytest.mark.parametrize("to", ["", "C1", "persons:ada"])
async def test_a_message_to_nobody_known_is_final(slack: ScriptedSlack, to: str) -> None:
    with pytest.raises(PermanentFault):
        await messenger(slack).post(to, card(), marker="m")


async def test_a_lost_message_is_found_on_a_later_page(slack: ScriptedSlack) -> None:
    def page(asked: Asked) -> dict[str, Any]:
        first = "cursor" not in asked
        messages = [{"ts": LATE, "text": "x"}] if first else [{"ts": LATE, "blocks": MARKED}]
        return {"ok": True, "messages": messages, "response_metadata": {"next_cursor": "2" if first else ""}}

    slack.answers["conversations.history"] = page
    assert await messenger(slack).find("cases", marker="m", since=NOW) == MessageRef(channel="C1", ts=LATE)
    assert slack.methods().count("conversations.history") == 2


async def test_a_lost_reply_is_found_below_an_old_message(slack: ScriptedSlack) -> None:
    old = {"ts": EARLY, "latest_reply": LATE}
    slack.answers["conversations.history"] = lambda asked: {
        "ok": True,
        "messages": [old] if float(asked["oldest"]) < float(EARLY) else [],
    }
    slack.says("conversations.replies", messages=[{"ts": EARLY}, {"ts": LATE, "blocks": MARKED}])
    assert await messenger(slack).find("cases", marker="m", since=NOW) == MessageRef(channel="C1", ts=LATE)


async def test_a_message_from_before_or_with_another_marker_is_not_found(slack: ScriptedSlack) -> None:
    other = [{"type": "header", "block_id": marker_block("other")}]
    messages = [{"ts": EARLY, "blocks": MARKED}, {"ts": LATE, "blocks": other}, {"ts": LATE, "blocks": []}]
    slack.says("conversations.history", messages=messages)
    assert await messenger(slack).find("cases", marker="m", since=NOW) is None


async def test_an_endless_history_is_not_read_for_ever(slack: ScriptedSlack) -> None:
    slack.says("conversations.history", messages=[], response_metadata={"next_cursor": "more"})
    assert await messenger(slack).find("cases", marker="m", since=NOW) is None
    assert slack.methods().count("conversations.history") == 10


async def test_editing_a_message_that_is_gone_is_no_fault(slack: ScriptedSlack) -> None:
    slack.refuses("chat.update", "message_not_found")
    await messenger(slack).edit(REF, card(), marker="m")
    slack.refuses("chat.update", "invalid_auth")
    with pytest.raises(PermanentFault):
        await messenger(slack).edit(REF, card(), marker="m")


async def test_a_private_answer_falls_back_to_the_direct_conversation(slack: ScriptedSlack) -> None:
    slack.refuses("chat.postEphemeral", "user_not_in_channel")
    await messenger(slack).tell("U0ADA", "No <!channel>.", channel="C1")
    assert slack.methods() == ["chat.postEphemeral", "conversations.open", "chat.postMessage"]
    assert {asked["text"] for _, asked in slack.asked if "text" in asked} == {"No &lt;!channel&gt;."}


def _always(answer: web.Response, _: Asked) -> web.Response:
    return answer


async def test_slack_says_how_long_to_wait(slack: ScriptedSlack) -> None:
    for header, wait in (("7", 7), ("", 30), ("soon", 30)):
        limited = {"ok": False, "error": "ratelimited"}
        answer = web.json_response(limited, status=429, headers={"Retry-After": header})
        slack.answers["chat.postMessage"] = partial(_always, answer)
        with pytest.raises(TransientFault) as fault:
            await messenger(slack).post("cases", card(), marker="m")
        assert fault.value.retry_after == timedelta(seconds=wait)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        web.Response(status=500, text="oops"),
        web.Response(status=502, text="<html>", content_type="text/html"),
        web.Response(status=200, text="{", content_type="application/json"),
        web.Response(status=200, text="[]", content_type="application/json"),
        web.Response(status=503, text="{}", content_type="application/json"),
        web.Response(status=200, text='{"ok": false, "error": "internal_error"}', content_type="application/json"),
    ],
    ids=["hangs up", "500", "502", "half", "list", "503", "internal"],
)
async def test_a_failure_on_slacks_side_passes(slack: ScriptedSlack, answer: web.Response | None) -> None:
    slack.answers["chat.postMessage"] = lambda _: answer
    with pytest.raises(TransientFault) as fault:
        await messenger(slack).post("cases", card(), marker="m")
    assert fault.value.retry_after is None
    assert slack.methods().count("chat.postMessage") == 1


@pytest.mark.parametrize("code", ["invalid_auth", "channel_not_found", "not_in_channel", "invalid_blocks"])
async def test_a_refusal_is_final_and_says_slacks_word_for_it(slack: ScriptedSlack, code: str) -> None:
    slack.refuses("chat.postMessage", code)
    with pytest.raises(SlackRefused, match=code) as fault:
        await messenger(slack).post("cases", card(), marker="m")
    assert TOKEN not in repr(fault.value.__cause__)


async def test_nobody_listening_is_a_passing_fault() -> None:
    slack = ScriptedSlack(url="http://127.0.0.1:9/api/")
    with pytest.raises(Fault) as fault:
        await messenger(slack).post("cases", card(), marker="m")
    assert isinstance(fault.value, TransientFault)
