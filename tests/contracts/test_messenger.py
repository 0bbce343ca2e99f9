"""Every messenger keeps the same promises, whether it sends or not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from activities.ports import Messenger
from adapters.desk import DeskMessenger
from adapters.slack.directory import SlackDirectory
from adapters.slack.messenger import SlackMessenger
from aims.conversation import Card, MessageRef
from tests.api.slack_desk import FakePeople
from tests.slack_samples import ADA, card
from tests.slackstand import workspace

PERSON = f"person:{ADA.id}"


@pytest_asyncio.fixture(params=["desk", pytest.param("slack", marks=pytest.mark.e2e)])
async def messenger(request: pytest.FixtureRequest, short_folder: Path) -> AsyncIterator[Messenger]:
    async with AsyncExitStack() as stack:
        if request.param == "desk":
            yield DeskMessenger()
            return
        slack = await stack.enter_async_context(workspace(short_folder))
        yield SlackMessenger(slack.client, SlackDirectory(slack.client, FakePeople()), channel=slack.channel)


@pytest.mark.parametrize("to", ["cases", PERSON])
async def test_a_lost_answer_leads_back_to_the_same_message(messenger: Messenger, to: str) -> None:
    since = datetime.now(UTC)
    ref = await messenger.post(to, card(), marker="m")
    assert await recovered(messenger, to, marker="m", since=since) == ref


async def test_a_lost_answer_to_a_reply_leads_back_to_the_reply(messenger: Messenger) -> None:
    since = datetime.now(UTC)
    root = await messenger.post("cases", card(), marker="root")
    reply = await messenger.post("cases", card(), marker="reply", thread=root)
    assert reply != root
    assert await recovered(messenger, "cases", marker="reply", since=since) == reply


async def test_what_was_not_posted_is_not_found(messenger: Messenger) -> None:
    await messenger.post("cases", card(), marker="m")
    assert await messenger.find("cases", marker="never", since=datetime.now(UTC)) is None


async def test_an_edited_message_keeps_its_marker(messenger: Messenger) -> None:
    since = datetime.now(UTC)
    ref = await messenger.post("cases", card(), marker="m")
    await messenger.edit(ref, Card(headline="Done", mood="good"), marker="m")
    assert await recovered(messenger, "cases", marker="m", since=since) == ref


async def test_editing_what_is_gone_is_no_fault(messenger: Messenger) -> None:
    await messenger.post("cases", card(), marker="m")
    await messenger.edit(MessageRef(channel="C0AIGOV", ts="1.000001"), card(), marker="gone")


async def recovered(messenger: Messenger, to: str, *, marker: str, since: datetime) -> MessageRef:
    """Do what the effect recipe does after an ambiguous failure."""
    return await messenger.find(to, marker=marker, since=since) or await messenger.post(to, card(), marker=marker)
