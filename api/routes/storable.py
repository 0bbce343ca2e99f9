"""What the record can carry; anything else in a request is named before it is taken."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from aims.errors import Invalid, pointer

_TEXT = re.compile(r"[^\x00\ud800-\udfff]*")
_LARGEST = 2**53 - 1  # the largest number that JSON carries exactly everywhere
_DEEPEST = 4


def refuse_unstorable(body: BaseModel) -> None:
    """Let a request pass whose every text and number can be stored and signed.

    Raises:
        Invalid: Names each place by JSON pointer.
    """
    wrong = dict(_problems(dict(body)))
    if wrong:
        said = "; ".join(f"{place} {problem}" for place, problem in wrong.items())
        raise Invalid(f"Correct the request: {said}.", fields=wrong)


def _problems(value: Any, *place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and not _TEXT.fullmatch(value):
        yield pointer(*place), "holds a character that no text has"
    elif isinstance(value, int) and abs(value) > _LARGEST:
        yield pointer(*place), "is too large a number"
    elif isinstance(value, dict | list) and len(place) > _DEEPEST:
        yield pointer(*place), "is nested too deeply"
    elif isinstance(value, list):
        yield from _problems(dict(enumerate(value)), *place)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _problems(str(name), *place)
            yield from _problems(inner, *place, str(name))
