"""Whoever silences a check says which one and why, where it is silenced."""

import io
import re
import tokenize

from tests.architecture.sources import ROOT, Module, assert_none, modules

NOQA = r"#\s*(?:ruff:\s*|flake8:\s*)?noqa\b(?P<ruff>:\s*[A-Z]+\d+(?:,?\s*[A-Z]+\d+)*)?"
TYPE_IGNORE = r"#\s*type:\s*ignore\b(?P<mypy>\[[^\]]+\])?"
SILENCE = re.compile(f"{NOQA}|{TYPE_IGNORE}")
REASON = re.compile(r"\w+ \w+")
IGNORING_LIST = re.compile(r'^("[^"]*"|ignore\w*)\s*=\s*\[')


def silences(module: Module) -> list[tuple[str, re.Match[str], str]]:
    """Find the silenced checks: the place, what silences, and the words around it."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    comments = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    alone = {line: token.string for line, token in comments.items() if token.line.lstrip().startswith("#")}
    return [
        (f"{module.path}:{line} {token.string}", silenced, SILENCE.sub("", token.string) + alone.get(line - 1, ""))
        for line, token in comments.items()
        if (silenced := SILENCE.search(token.string))
    ]


def test_every_silenced_check_has_its_reason() -> None:
    """It stands beside the silence or in a comment of its own right above."""
    found = [(place, words) for module in modules() for place, _, words in silences(module)]
    assert_none(place for place, words in found if not REASON.search(words))


def test_every_silence_names_the_check() -> None:
    found = [(place, silenced) for module in modules() for place, silenced, _ in silences(module)]
    assert_none(place for place, silenced in found if not (silenced["ruff"] or silenced["mypy"]))


def test_every_ignore_in_the_project_file_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert_none(line for line in ignores(lines) if "#" not in line)


def ignores(lines: list[str]) -> list[str]:
    """Find the lines of a TOML file that switch a check off: members of ignoring lists, and ignoring switches."""
    found = []
    inside = False
    for line in lines:
        opens = IGNORING_LIST.match(line) is not None
        closed_at_once = opens and line.endswith("]")
        if closed_at_once or line.startswith("ignore_missing") or (inside and not line.startswith("]")):
            found.append(line)
        inside = (inside or opens) and not (closed_at_once or line.startswith("]"))
    return found
