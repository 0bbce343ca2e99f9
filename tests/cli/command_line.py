"""The `aims` command as a person runs it: arguments and environment in; exit code, stdout and stderr out."""

import asyncio
import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from cli.main import main
from tests.organisation import Organisation


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what was printed as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Runs commands one after another, each with this environment and nothing else of ours."""

    environment: Mapping[str, str] = field(default_factory=dict)

    async def run(self, *arguments: str | Path) -> Ran:
        """Run a command through its main function, in a thread of its own."""
        return await asyncio.to_thread(self.call, *arguments)

    def call(self, *arguments: str | Path) -> Ran:
        """Run a command here."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        before, known = sys.argv, dict(os.environ)
        sys.argv = ["aims", *map(str, arguments)]
        os.environ.update(self.environment)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            sys.argv = before
            os.environ.clear()
            os.environ.update(known)
        return Ran(code, out.getvalue(), err.getvalue())

    def given(self, **variables: str | Path) -> "CommandLine":
        """Return the same with further variables."""
        return CommandLine({**self.environment, **{name: str(value) for name, value in variables.items()}})


def command_line_of(company: Organisation) -> CommandLine:
    """Return a command line with the settings of a company."""
    settings = company.settings
    return CommandLine(
        {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "TEMPORAL_ADDRESS": company.env.client.service_client.config.target_host,
            "AIMS_TASK_QUEUE": settings.task_queue,
            "AIMS_POLICIES": str(settings.policies),
            "AIMS_STORAGE_URL": settings.storage_url,
            "AIMS_CHECKPOINTS": str(settings.checkpoints),
            "AIMS_VERIFY_KEYS": str(settings.verify_keys),
            "AIMS_SIGNING_KEY": (settings.signing_key or SecretStr("")).get_secret_value(),
        }
    )
