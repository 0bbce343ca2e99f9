"""People use the whole entrance through a running workspace: commands, modals, presses, the App Home."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from adapters.slack.directory import SlackDirectory
from adapters.slack.messenger import SlackMessenger
from aims.conversation import approval_card, assignment_card
from api.slack.router import build_router
from api.slack.service import SlackDesk
from cli.slack_server import slack_id
from cli.slackstand import SlackStand, StandFailed
from tests.api.slack_desk import FakeEntrance, FakePeople, FakeRegister, FakeSlack
from tests.slack_samples import ADA, GRACE, NAMES, card, case, form_case, profile
from tests.slackstand import Workspace, workspace

pytestmark = pytest.mark.e2e
ADAS, GRACES = slack_id(ADA.id), slack_id(GRACE.id)


@dataclass(frozen=True)
class Office:
    """A workspace whose app is served by the entrance."""

    stand: SlackStand
    messenger: SlackMessenger
    acts: FakeEntrance
    channel: str


@pytest_asyncio.fixture
async def office(short_folder: Path) -> AsyncIterator[Office]:
    async with workspace(short_folder) as slack:
        people, acts = FakePeople(), FakeEntrance()
        directory = SlackDirectory(slack.client, people)
        messenger = SlackMessenger(slack.client, directory, channel=slack.channel)
        memory = FakeSlack()
        desk = SlackDesk(
            entrance=acts,
            register=FakeRegister(),
            people=people,
            policies=memory,
            messenger=messenger,
            directory=directory,
            replays=memory,
            signing_secret=SecretStr(slack.signing_secret),
            clock=time.time,
        )
        async with served(desk, slack):
            yield Office(slack.stand, messenger, acts, slack.channel)


@asynccontextmanager
async def served(desk: SlackDesk, slack: Workspace) -> AsyncIterator[None]:
    """Serve the entrance where the workspace expects its app."""
    app = FastAPI()
    app.include_router(build_router(desk))
    server = uvicorn.Server(uvicorn.Config(app, port=slack.api_port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110  # only the flag can tell
            await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.mark.feature(3)
async def test_a_system_is_requested_in_two_steps(office: Office) -> None:
    await office.stand.command(ADAS, "new", channel=office.channel)
    first = await office.stand.modal("aims.new.system")
    typed = {"name": "Churn guess", "key": "credit-scorer", "purpose": "Guesses who leaves.", "owner": GRACE.email}
    assert list((await office.stand.submit(ADAS, first, entered=typed)).errors) == ["field.key"]

    await office.stand.submit(ADAS, first, entered=typed | {"key": "churn-guess"})
    second = await office.stand.modal("aims.new.answers")
    done = await office.stand.submit(ADAS, second, entered={"sure.high.0": ["It does the thing number 3"]})
    assert "recorded" in done.shown
    (person, request), *_ = office.acts.acts.values()
    assert (person, request.key, request.answers["question_3"]) == (ADA.id, "churn-guess", "yes")


async def test_a_vote_is_one_press_and_the_answer_is_private(office: Office) -> None:
    await office.messenger.post("cases", card(), marker="m")
    message = await office.stand.wait_for(office.channel, lambda seen: "Approve" in seen.buttons)
    await office.stand.press(ADAS, message, label="Approve")
    answer = await office.stand.wait_for(office.channel, lambda seen: seen.seen_by == ADAS)
    assert answer.text.startswith("Taken")
    assert [vote.verdict for _, vote in office.acts.acts.values()] == ["approve"]


async def test_a_rejection_takes_its_reason_from_a_modal(office: Office) -> None:
    await office.messenger.post(f"person:{ADA.id}", card(), marker="m")
    message = await office.stand.wait_for(ADAS, lambda seen: "Reject" in seen.buttons)
    await office.stand.press(ADAS, message, label="Reject")
    modal = await office.stand.modal("aims.reason.reject")
    await office.stand.submit(ADAS, modal, entered={"reason": "Too risky."})
    assert [(vote.verdict, vote.reason) for _, vote in office.acts.acts.values()] == [("reject", "Too risky.")]


async def test_a_form_is_filled_in_and_submitted(office: Office) -> None:
    owed = assignment_card(profile(), form_case(), names=NAMES)
    await office.messenger.post(f"person:{ADA.id}", owed, marker="m")
    message = await office.stand.wait_for(ADAS, lambda seen: "Fill in" in seen.buttons)
    await office.stand.press(ADAS, message, label="Fill in")
    modal = await office.stand.modal("aims.form")
    entered = {"summary": "Bias against the young.", "likelihood": "4", "option": "reduce"}
    assert "submitted" in (await office.stand.submit(ADAS, modal, entered=entered)).shown
    assert [form.content for _, form in office.acts.acts.values()] == [entered | {"likelihood": 4}]


async def test_the_home_and_the_commands_show_what_is_owed_and_owned(office: Office) -> None:
    await office.stand.open_home(ADAS)
    assert "AI risk assessment" in await office.stand.home(ADAS)
    await office.stand.command(GRACES, "my", channel=office.channel)
    mine = await office.stand.wait_for(office.channel, lambda seen: seen.seen_by == GRACES)
    assert "Credit scorer" in mine.shown


async def test_an_account_without_a_person_gets_an_answer_and_nothing_else(office: Office) -> None:
    await office.messenger.post("cases", card(), marker="m")
    message = await office.stand.wait_for(office.channel, lambda seen: "Approve" in seen.buttons)
    await office.stand.press("U0AIMS", message, label="Approve")
    answer = await office.stand.wait_for(office.channel, lambda seen: seen.seen_by == "U0AIMS")
    assert "do not know you" in answer.text
    assert (office.acts.acts, len(office.acts.refusals)) == ({}, 1)


async def test_a_decided_message_is_edited_and_loses_its_buttons(office: Office) -> None:
    ref = await office.messenger.post("cases", card(), marker="m")
    done = approval_card(profile(), case(open=False, outcome="approved"), names=NAMES)
    await office.messenger.edit(ref, done, marker="m")
    message = await office.stand.wait_for(office.channel, lambda seen: "Done" in seen.shown)
    assert (message.ts, message.buttons) == (ref.ts, {})


async def test_the_driver_says_what_it_sees_instead(office: Office) -> None:
    await office.messenger.post("cases", card(), marker="m")
    message = await office.stand.wait_for(office.channel, lambda seen: bool(seen.buttons))
    at_once = timedelta(milliseconds=1)
    with pytest.raises(StandFailed, match="no button 'Maybe' on: "):
        await office.stand.press(ADAS, message, label="Maybe")
    with pytest.raises(StandFailed, match="Approval of use"):
        await office.stand.wait_for(office.channel, lambda seen: not seen.ts, within=at_once)
    with pytest.raises(StandFailed, match="did not open"):
        await office.stand.modal("aims.form", within=at_once)
