"""Card to Block Kit, without a client. What people wrote is escaped, and cut before it is escaped."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.slack.actions import PRESSES, PressValue, SlackId
from adapters.slack.limits import BUTTONS, HEADER, LABEL, Block
from aims.conversation import Button, Card, Line, Press

MOODS = {
    "open": ":hourglass_flowing_sand: *Open*",
    "good": ":white_check_mark: *Done*",
    "bad": ":no_entry: *Not granted*",
    "neutral": ":information_source: *Information*",
}
STYLES = {Press.APPROVE: "primary", Press.REJECT: "danger"}
NOTE = 1_500
LINE = 1_200
LINE_LABEL = 100
SHORT = 60
LINES_IN_ALL = 8_000
MOST_LINES = 40
GRID = 10
FALLBACK_PART = 500
URL = 1_000
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MORE = "…"


class Rendered(NamedTuple):
    """A message: the text of notifications, and the blocks that people see."""

    text: str
    blocks: list[Block]


def render(card: Card, *, marker: str) -> Rendered:
    """Return the message of a card; its first block carries the marker, unreadable, in its id."""
    lines, left_out = _fitting(card.lines)
    blocks = [
        {"type": "header", "block_id": marker_block(marker), "text": plain(card.headline or "AIMS", HEADER)},
        _section(_mood(card)),
        *_grids([line for line in lines if _is_short(line)]),
        *(_section(_labelled(line)) for line in lines if not _is_short(line)),
        *_buttons(card),
        *_footer(card, left_out),
    ]
    return Rendered(f"{escaped(card.headline, FALLBACK_PART)} {escaped(card.note, FALLBACK_PART)}".strip(), blocks)


def marker_block(marker: str) -> str:
    """Return the block id that carries a marker without telling it."""
    return f"aims-{hashlib.sha256(marker.encode()).hexdigest()[:32]}"


def escaped(text: str, most: int) -> str:
    """Return text that holds no markup of Slack's; its escaped form has at most `most` characters."""
    safe = [_ESCAPES.get(character, character) for character in text[: most + 1]]
    if len(text) <= most and sum(map(len, safe)) <= most:
        return "".join(safe)
    room = most - len(_MORE)
    while safe and sum(map(len, safe)) > room:
        safe = safe[: max(0, len(safe) - 1 - (sum(map(len, safe)) - room) // 5)]
    return "".join(safe) + _MORE


def plain(text: str, most: int) -> Block:
    """Return a text object in which Slack reads no markup and no emoji names."""
    short = text if len(text) <= most else text[: most - len(_MORE)] + _MORE
    return {"type": "plain_text", "text": short.strip() or "-", "emoji": False}


def markup(text: str) -> Block:
    """Return a text object of our own markup; Slack makes no links of its own in it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(pressed: Button) -> Block:
    """Return a button that carries where it belongs."""
    value = PressValue(case=pressed.case, step=pressed.step, digest=pressed.digest)
    drawn: Block = {
        "type": "button",
        "action_id": PRESSES[pressed.press],
        "text": plain(pressed.label, LABEL),
        "value": value.encode(),
    }
    return drawn | ({"style": STYLES[pressed.press]} if pressed.press in STYLES else {})


def _fitting(lines: list[Line]) -> tuple[list[Line], int]:
    kept: list[Line] = []
    room = LINES_IN_ALL
    for line in lines[:MOST_LINES]:
        room -= len(_labelled(line))
        if room < 0:
            break
        kept.append(line)
    return kept, len(lines) - len(kept)


def _labelled(line: Line) -> str:
    label = line.label[:1].upper() + line.label[1:]
    return f"*{escaped(label, LINE_LABEL)}*\n{escaped(line.text, LINE).strip() or '-'}"


def _is_short(line: Line) -> bool:
    return len(line.text) <= SHORT and "\n" not in line.text


def _grids(lines: list[Line]) -> Iterator[Block]:
    for start in range(0, len(lines), GRID):
        yield {"type": "section", "fields": [markup(_labelled(line)) for line in lines[start : start + GRID]]}


def _section(text: str) -> Block:
    return {"type": "section", "text": markup(text)}


def _mood(card: Card) -> str:
    shown = MOODS.get(card.mood, MOODS["neutral"])
    note = escaped(card.note, NOTE).strip()
    return f"{shown}  {note}" if note else shown


def _buttons(card: Card) -> Iterable[Block]:
    if not card.buttons or card.mood in ("good", "bad"):
        return []
    elements = [button(each) for each in card.buttons[:BUTTONS]]
    return [{"type": "actions", "block_id": SlackId.BUTTONS, "elements": elements}]


def _footer(card: Card, left_out: int) -> Iterable[Block]:
    parts = [f"{left_out} more lines stand in the case."] if left_out else []
    if card.url.startswith(("https://", "http://")) and len(card.url) <= URL:
        parts.append(f"<{escaped(card.url, 5 * URL).replace('|', '%7C')}|Open the case>")
    return [{"type": "context", "elements": [markup(" ".join(parts))]}] if parts else []
