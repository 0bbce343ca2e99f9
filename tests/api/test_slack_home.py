"""The App Home shows a person what they owe and own, and a stranger nothing."""

import json

import pytest

from adapters.slack.limits import broken_in_view
from tests.api.slack_desk import entrance


def event(user: str, **changed: str) -> str:
    inner = {"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home", **changed}
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": inner})


@pytest.mark.feature(106)
async def test_opening_the_home_publishes_the_queue() -> None:
    async with entrance() as slack:
        assert (await slack.send(event("U0ADA"))).content == b""
        view = slack.slack.homes["U0ADA"]
        assert broken_in_view(view) == []
        assert "AI risk assessment" in str(view)


async def test_a_stranger_sees_no_case() -> None:
    async with entrance() as slack:
        await slack.send(event("U0EVE"))
        shown = str(slack.slack.homes["U0EVE"])
        assert "do not know you" in shown
        assert "credit-scorer" not in shown
        assert slack.acts.refusals == []


@pytest.mark.parametrize("changed", [{"tab": "messages"}, {"type": "message"}, {"type": "app_mention"}])
async def test_other_events_are_only_acknowledged(changed: dict[str, str]) -> None:
    async with entrance() as slack:
        assert (await slack.send(event("U0ADA", **changed))).status_code == 200
        assert slack.nothing_happened()
