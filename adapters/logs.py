"""Logs: one JSON object a line on stderr, pleasant text on a terminal, never a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, TextIO

import structlog
from pydantic import SecretStr
from structlog.typing import Processor

REDACTED = "[redacted]"
SECRET_KEY = re.compile(r"token|secret|password|authorization|signature", re.IGNORECASE)


def configure_logs(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records to `stream` (stderr) in one form."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Redaction(), *_rendering(out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Redaction:
    """Replaces the values of keys that name a secret, at any depth, and every `SecretStr`."""

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the record without its secrets."""
        return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if isinstance(value, SecretStr) or SECRET_KEY.search(key):
        return REDACTED
    if isinstance(value, Mapping):
        return {inner: _redacted(str(inner), each) for inner, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_redacted("", each) for each in value]
    return value


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(out: TextIO) -> list[Processor]:
    # Tracebacks never show local variables: these hold what `Redaction` cannot see.
    if out.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    traceback = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(traceback), structlog.processors.JSONRenderer(default=str)]
