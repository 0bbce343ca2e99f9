"""Cards in Slack: within the limits, without a way to smuggle markup in, with the marker in the first block."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.blocks import Rendered, escaped, marker_block, render
from adapters.slack.limits import TEXT_IN_ALL, broken_in_message
from aims.conversation import Button, Card, Line, Press
from tests.slack_samples import DIGEST, card

TOKEN = re.compile(r"<[^>]*>?")
OURS = re.compile(r"<https?://[^<>|]*\|Open the case>")
NASTY = ("<!channel>", "<@U0123>", "<http://evil.example|here>", "&lt;!here&gt;", "*bold*", "&", "<", ">", "\n")
TEXT = st.one_of(st.text(max_size=6_000), st.lists(st.sampled_from(NASTY), max_size=2_500).map("".join))
MOOD = st.sampled_from(["open", "good", "bad", "neutral", "<!here>"])
URL = st.one_of(st.just(""), TEXT, TEXT.map(lambda text: f"https://aims.example/{text}"))


@st.composite
def cards(draw: st.DrawFn) -> Card:
    lines = st.lists(st.builds(Line, label=TEXT, text=TEXT), max_size=60)
    presses = draw(st.lists(st.sampled_from(Press), unique=True))
    buttons = [Button(press=press, label=draw(TEXT), case="approval:x:1", step="s", digest=DIGEST) for press in presses]
    return Card(
        headline=draw(TEXT), lines=draw(lines), note=draw(TEXT), mood=draw(MOOD), buttons=buttons, url=draw(URL)
    )


def markup_of(part: Any) -> Iterator[str]:
    """Every text in which Slack reads markup."""
    if isinstance(part, list):
        for each in part:
            yield from markup_of(each)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            assert part["verbatim"] is True
            yield part["text"]
        yield from markup_of([each for each in part.values() if isinstance(each, dict | list)])


def foreign_tokens(message: Rendered) -> list[str]:
    texts = [message.text, *markup_of(message.blocks)]
    return [token for text in texts for token in TOKEN.findall(text) if not OURS.fullmatch(token)]


@settings(max_examples=200, deadline=None)
@given(cards())
def test_no_text_breaks_a_limit_or_smuggles_a_mention_or_link_in(some: Card) -> None:
    message = render(some, marker="m")
    assert broken_in_message(*message) == []
    assert foreign_tokens(message) == []


@given(TEXT, st.integers(min_value=1, max_value=3_000))
def test_escaped_text_keeps_its_limit_and_cuts_no_entity_in_two(text: str, most: int) -> None:
    safe = escaped(text, most)
    assert len(safe) <= most
    assert re.sub(r"&(amp|lt|gt);", "", safe).count("&") == 0


def test_text_that_fits_is_only_escaped() -> None:
    assert escaped("a < b & c > d", 100) == "a &lt; b &amp; c &gt; d"
    assert escaped("<" * 1_000, 3_000).count("&lt;") == 749


def test_the_first_block_carries_the_marker_without_telling_it() -> None:
    first = render(card(), marker="approval:credit-scorer:1 ada").blocks[0]
    assert first["block_id"] == marker_block("approval:credit-scorer:1 ada")
    assert re.fullmatch(r"aims-[0-9a-f]{32}", first["block_id"])
    assert marker_block("one") != marker_block("two")


def test_an_open_card_has_its_buttons_and_says_so_in_words() -> None:
    message = render(card(), marker="m")
    assert "Open" in message.blocks[1]["text"]["text"]
    labels = [element["text"]["text"] for element in message.blocks[-1]["elements"]]
    assert labels == ["Approve", "Request changes", "Reject"]


@pytest.mark.parametrize("mood", ["good", "bad"])
def test_a_closed_card_has_no_buttons(mood: str) -> None:
    blocks = render(card().model_copy(update={"mood": mood}), marker="m").blocks
    assert "actions" not in [block["type"] for block in blocks]


def test_a_card_with_too_many_lines_says_how_many_are_left_out() -> None:
    lines = [Line(label=f"Line {number}", text="x" * 900) for number in range(30)]
    message = render(Card(headline="Long", lines=lines), marker="m")
    assert "more lines stand in the case" in message.blocks[-1]["elements"][0]["text"]
    assert sum(len(text) for text in markup_of(message.blocks)) <= TEXT_IN_ALL


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://host/x", "aims.example"])
def test_only_web_addresses_become_links(url: str) -> None:
    assert "Open the case" not in str(render(card(url=url), marker="m").blocks)
