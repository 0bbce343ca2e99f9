"""The logs: one JSON object a line, without secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from adapters.logs import configure_logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Collect what is logged, and put the previous handlers back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("INFO", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def only_line(written: io.StringIO) -> dict[str, object]:
    """Return the one line that was logged, parsed."""
    (line,) = written.getvalue().splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_is_one_json_object(written: io.StringIO) -> None:
    structlog.get_logger("aims.x").info("opened", case="credit-scorer")
    line = only_line(written)
    assert (line["event"], line["case"], line["level"], line["logger"]) == ("opened", "credit-scorer", "info", "aims.x")


def test_secrets_are_redacted_at_any_depth(written: io.StringIO) -> None:
    structlog.get_logger("aims.x").info(
        "called", slack_token="xoxb-1", headers=[{"Authorization": "Bearer 1", "accept": "a"}], key=SecretStr("k")
    )
    line = only_line(written)
    assert line["headers"] == [{"Authorization": "[redacted]", "accept": "a"}]
    assert {line["slack_token"], line["key"]} == {"[redacted]"}


def test_records_of_the_standard_library_have_the_same_form(written: io.StringIO) -> None:
    logging.getLogger("httpx").warning("slow %s", "answer", extra={"password": "p"})
    line = only_line(written)
    assert (line["event"], line["password"], line["logger"]) == ("slow answer", "[redacted]", "httpx")


def test_an_exception_is_part_of_its_line_without_local_values(written: io.StringIO) -> None:
    try:
        refuse(["hunter", "2"])
    except ValueError:
        structlog.get_logger("aims.x").exception("failed")
    line = json.dumps(only_line(written)["exception"])
    assert "wrong" in line
    assert "hunter-2" not in line


def refuse(parts: list[str]) -> None:
    """Raise with a secret among the local values."""
    local = "-".join(parts)
    raise ValueError("wrong" if local else "")


def test_lines_below_the_level_are_left_out(written: io.StringIO) -> None:
    structlog.get_logger("aims.x").debug("noise")
    assert not written.getvalue()
