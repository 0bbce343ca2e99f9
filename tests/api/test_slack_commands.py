"""The slash command answers everybody it knows, privately, and says what was wrong."""

import pytest

from adapters.slack.limits import broken_in_message
from tests.api.slack_desk import entrance


async def test_new_opens_the_first_step_after_the_acknowledgement() -> None:
    async with entrance() as slack:
        answer = await slack.command("new")
        assert (answer.status_code, answer.content) == (200, b"")
        assert [view["callback_id"] for view in slack.slack.views] == ["aims.new.system"]


@pytest.mark.parametrize("text", ["status credit-scorer", "  STATUS   Credit-Scorer "])
async def test_status_shows_a_system_to_the_asker_alone(text: str) -> None:
    async with entrance() as slack:
        answer = (await slack.command(text)).json()
        assert answer["response_type"] == "ephemeral"
        assert broken_in_message(answer["text"], answer["blocks"]) == []
        assert "Grace Hopper" in str(answer["blocks"])


async def test_my_lists_what_is_owed_and_owned() -> None:
    async with entrance() as slack:
        owed = (await slack.command("my")).text
        owned = (await slack.command("my", user="U0GRACE")).text
    assert "AI risk assessment" in owed
    assert "You own no AI system" in owed
    assert "Nothing waits for you" in owned
    assert "Credit scorer" in owned


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "What I can do"),
        ("help", "What I can do"),
        ("dance <!channel>", "I do not know 'dance &lt;!channel&gt;'"),
        ("new thing", "I do not know 'new thing'"),
        ("status", "Name one system by its key"),
        ("status a b", "Name one system by its key"),
        ("status no-such-key", "There is no AI system 'no-such-key'"),
        ("status <!here>", "&lt;!here&gt;"),
    ],
)
async def test_anything_else_gets_help_and_what_was_wrong(text: str, said: str) -> None:
    async with entrance() as slack:
        answer = await slack.command(text)
        assert answer.json()["response_type"] == "ephemeral"
        assert said in answer.json()["text"]


@pytest.mark.parametrize("text", ["new", "status credit-scorer", "my"])
async def test_a_stranger_learns_nothing_from_a_command(text: str) -> None:
    async with entrance() as slack:
        answer = await slack.command(text, user="U0EVE")
        assert "do not know you" in answer.json()["text"]
        assert slack.nothing_happened()
        assert [refusal[:3] for refusal in slack.acts.refusals] == [(None, "", "unknown-person")]
