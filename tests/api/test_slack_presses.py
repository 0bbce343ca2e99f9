"""A press becomes one act of the right person, or is answered privately and changes nothing."""

import asyncio

import pytest

from adapters.faults import TransientFault
from adapters.slack.actions import PressValue, SlackId
from adapters.slack.limits import broken_in_view
from aims.errors import AlreadyDecided, StaleContent
from tests.api.slack_desk import EMAILS, VALUE, entrance
from tests.slack_samples import ADA, DIGEST, form_case

FORM_VALUE = PressValue(case=form_case().id, step=form_case().step, digest=DIGEST).encode()
KEY = "slack:T1:U0ADA:1.1"


@pytest.mark.feature(104)
async def test_approve_is_one_vote_on_the_content_that_was_seen() -> None:
    async with entrance() as slack:
        assert (await slack.press(SlackId.APPROVE)).content == b""
        person, vote = slack.acts.acts[KEY]
        assert person == ADA.id
        assert (vote.case, vote.step, vote.digest, vote.verdict) == (*VALUE.model_dump().values(), "approve")
        assert [(user, channel) for user, _, channel in slack.slack.told] == [("U0ADA", "C1")]


async def test_the_same_press_sent_anew_is_the_same_act() -> None:
    async with entrance() as slack:
        body_times = [await slack.press(SlackId.APPROVE, at="1.1") for _ in range(3)]
        assert {answer.status_code for answer in body_times} == {200}
        assert list(slack.acts.acts) == [KEY]


@pytest.mark.parametrize(("action", "callback"), [("reject", "reject"), ("request_changes", "request_changes")])
async def test_a_refusal_asks_for_the_reason_first(action: str, callback: str) -> None:
    async with entrance() as slack:
        await slack.press(f"aims.{action}")
        assert [view["callback_id"] for view in slack.slack.views] == [f"aims.reason.{callback}"]
        assert PressValue.decode(slack.slack.views[0]["private_metadata"]) == VALUE
        assert slack.acts.acts == {}


async def test_fill_in_opens_the_form() -> None:
    async with entrance() as slack:
        await slack.press(SlackId.OPEN_FORM, value=FORM_VALUE)
        assert [view["callback_id"] for view in slack.slack.views] == ["aims.form"]
        assert broken_in_view(slack.slack.views[0]) == []


@pytest.mark.parametrize(
    ("user", "changed", "rule"),
    [
        ("U0GRACE", {}, "not-assigned"),
        ("U0ADA", {"open": False, "pending": []}, "closed"),
        ("U0ADA", {"form": None}, "closed"),
    ],
)
async def test_a_form_opens_only_for_those_who_owe_it(user: str, changed: dict[str, object], rule: str) -> None:
    async with entrance() as slack:
        slack.register.cases[form_case().id] = form_case(**changed)
        await slack.press(SlackId.OPEN_FORM, value=FORM_VALUE, user=user)
        assert slack.slack.views == []
        assert [refusal[1:3] for refusal in slack.acts.refusals] == [(form_case().id, rule)]
        assert "othing" in slack.slack.told[0][1]


@pytest.mark.parametrize("error", [StaleContent("This changed since you looked."), AlreadyDecided("You have.")])
async def test_a_broken_rule_is_said_privately(error: AlreadyDecided | StaleContent) -> None:
    async with entrance() as slack:
        slack.acts.error = error
        assert (await slack.press(SlackId.APPROVE)).status_code == 200
        assert slack.slack.told == [("U0ADA", error.sentence, "C1")]
        assert slack.acts.acts == {}


@pytest.mark.parametrize("junk", ["", "{}", "null", "x" * 2_000, '{"case":"a","step":"b","digest":"c"}', "<!here>"])
@pytest.mark.parametrize("action", [SlackId.APPROVE, SlackId.REJECT, SlackId.REQUEST_CHANGES, SlackId.OPEN_FORM])
async def test_a_junk_value_changes_nothing_and_is_answered(action: str, junk: str) -> None:
    async with entrance() as slack:
        assert (await slack.press(action, value=junk)).status_code == 200
        assert (slack.acts.acts, slack.slack.views) == ({}, [])
        assert "not one that AIMS made" in slack.slack.told[0][1]
        assert [refusal[:3] for refusal in slack.acts.refusals] == [(ADA.id, "", "invalid")]


@pytest.mark.parametrize("action", ["aims.unknown", "", "open_link", "aims.home"])
async def test_a_press_on_something_else_is_only_acknowledged(action: str) -> None:
    async with entrance() as slack:
        assert (await slack.press(action)).status_code == 200
        assert (slack.acts.acts, slack.slack.told, slack.slack.views) == ({}, [], [])


@pytest.mark.parametrize("user", ["U0EVE", "U0NOBODY", "B0BOT"])
@pytest.mark.parametrize("action", [SlackId.APPROVE, SlackId.REJECT, SlackId.OPEN_FORM])
@pytest.mark.feature(108)
async def test_a_strangers_press_is_answered_recorded_and_changes_nothing(action: str, user: str) -> None:
    async with entrance() as slack:
        assert (await slack.press(action, user=user)).status_code == 200
        assert [(told[0], told[2]) for told in slack.slack.told] == [(user, "C1")]
        assert (slack.acts.acts, slack.slack.views, slack.people.bound) == ({}, [], {})
        assert slack.acts.refusals == [(None, VALUE.case, "unknown-person", f"slack:T1:{user}:1.1")]


async def test_an_inactive_person_is_a_stranger() -> None:
    async with entrance() as slack:
        slack.people.known = [ADA.model_copy(update={"active": False})]
        await slack.press(SlackId.APPROVE)
        assert (slack.acts.acts, slack.people.bound) == ({}, {})


@pytest.mark.feature(109)
async def test_an_account_is_bound_once_and_then_found_without_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    async with entrance() as slack:
        await slack.press(SlackId.APPROVE)
        assert slack.people.bound == {("", "T1", "U0ADA"): ADA.id}
        monkeypatch.delitem(EMAILS, "U0ADA")
        await slack.press(SlackId.APPROVE, at="2.2")
        assert len(slack.acts.acts) == 2


async def test_a_press_is_acknowledged_even_when_the_answer_cannot_be_delivered() -> None:
    async with entrance() as slack:
        slack.slack.fault = TransientFault("Slack is away.")
        assert (await slack.press(SlackId.APPROVE)).status_code == 200
        assert len(slack.acts.acts) == 1


async def test_a_press_that_cannot_be_stored_is_not_acknowledged() -> None:
    async with entrance() as slack:
        slack.people.fault = TransientFault("The database is away.")
        answer = await slack.press(SlackId.APPROVE)
        assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")


async def test_many_people_can_press_at_once() -> None:
    async with entrance() as slack:
        await asyncio.gather(*(slack.press(SlackId.APPROVE, at=f"{number}.0") for number in range(20)))
        assert len(slack.acts.acts) == 20
