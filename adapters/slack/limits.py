"""The limits of Block Kit, and a lint that says which of them a message or a view breaks."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
TEXT_IN_ALL = 12_000
HEADER = 150
SECTION = 3_000
FIELD_TEXT = 2_000
FIELDS = 10
FALLBACK = 4_000
LABEL = 75
OPTION_VALUE = 150
CHECKBOXES = 10
SELECT = 100
BUTTON_VALUE = 2_000
BUTTONS = 25
BLOCK_ID = 255
TITLE = 24
PRIVATE_METADATA = 3_000
PLAIN_INPUT = 3_000
INPUT_LABEL = 2_000

Block = dict[str, Any]

_TEXTS = {"header": HEADER, "section": SECTION, "button": LABEL}
_LISTS = {"actions": ("elements", BUTTONS), "section": ("fields", FIELDS), "context": ("elements", 10)}
_OPTIONS = {"checkboxes": CHECKBOXES, "static_select": SELECT}


def broken_in_message(text: str, blocks: Sequence[Block]) -> list[str]:
    """Return the limits that a message breaks, in words."""
    found = [*_broken(blocks, BLOCKS_IN_MESSAGE)]
    return [*found, "text too long"] if len(text) > FALLBACK else found


def broken_in_view(view: Mapping[str, Any]) -> list[str]:
    """Return the limits that a modal or a home view breaks, in words."""
    blocks = view["blocks"]
    found = [*_broken(blocks, BLOCKS_IN_VIEW)]
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        found.append("input without submit")
    if any(len(view.get(part, {}).get("text", "")) > TITLE for part in ("title", "submit", "close")):
        found.append("title too long")
    return [*found, "metadata too long"] if len(view.get("private_metadata", "")) > PRIVATE_METADATA else found


def _broken(blocks: Sequence[Block], most: int) -> Iterator[str]:
    if not 0 < len(blocks) <= most:
        yield f"{len(blocks)} blocks"
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    yield from (f"id {name} twice or too long" for name in ids if ids[name] > 1 or len(name) > BLOCK_ID)
    texts = [part["text"] for part in _parts(blocks) if isinstance(part.get("text"), str)]
    if sum(map(len, texts)) > TEXT_IN_ALL or not all(texts):
        yield "text of all blocks too long, or an empty one"
    for part in _parts(blocks):
        yield from _broken_part(part)


def _broken_part(part: Block) -> Iterator[str]:
    kind = str(part.get("type", "option"))
    said = part.get("text")
    if isinstance(said, dict) and len(said["text"]) > _TEXTS.get(kind, LABEL):
        yield f"{kind} text too long"
    name, most = _LISTS.get(kind, ("", 0))
    if len(part.get(name, ())) > most or len(part.get("options", ())) > _OPTIONS.get(kind, 0):
        yield f"{kind} holds too many"
    if any(len(field["text"]) > FIELD_TEXT for field in part.get("fields", ())):
        yield "field too long"
    if len(str(part.get("value", ""))) > (BUTTON_VALUE if kind == "button" else OPTION_VALUE):
        yield f"{kind} value too long"
    actions = Counter(element.get("action_id", json.dumps(element)) for element in part.get("elements", ()))
    yield from (f"action {name} twice" for name in actions if actions[name] > 1 and kind == "actions")


def _parts(value: Any) -> Iterator[Block]:
    """Yield every object inside a rendered thing, at any depth."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    for part in inner:
        yield from _parts(part)
