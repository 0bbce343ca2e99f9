"""A stack with a tiny child instead of our own programs; `python -m tests.cli.small_stack <folder>` runs it."""

import sys
from datetime import timedelta
from pathlib import Path

from cli.embedded import EmbeddedStack, run
from cli.ports import Ports
from cli.programs import OwnProgram
from cli.supervisor import Pace

# Says in its log which variables it was given, then waits to be stopped.
CHILD = "import os, signal; print(sorted(os.environ), flush=True); signal.pause()"
MIGRATION = """-- migrate:up
CREATE ROLE aims_app NOLOGIN;
CREATE TABLE note (text text NOT NULL);
GRANT SELECT, INSERT ON note TO aims_app;
-- migrate:down
"""
FAST = Pace(look=timedelta(milliseconds=20), first_pause=timedelta(milliseconds=50))


def small_stack(folder: Path, *, ports: Ports | None = None) -> EmbeddedStack:
    """Return a stack in `folder`/stack whose only program is the tiny child."""
    migrations = folder / "migrations"
    migrations.mkdir(exist_ok=True)
    (migrations / "0001_note.sql").write_text(MIGRATION)
    people = folder / "people.toml"
    people.write_text('[[people]]\nid = "ada-lovelace"\nname = "Ada Lovelace"\nemail = "ada@example.org"\n')
    return EmbeddedStack(
        folder=folder / "stack",
        people=people,
        policies=folder,
        ports=ports or Ports(),
        slack=False,
        programs=(child("api"), child("worker", withheld=frozenset({"AIMS_SIGNING_KEY_FILE"}))),
        attributes={"AimsSystemId": "Keyword", "AimsDueAt": "Datetime"},
        migrations=migrations,
        pace=FAST,
    )


def say_ready(_: EmbeddedStack) -> None:
    """Tell the test that the stack runs."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def child(name: str, *, withheld: frozenset[str] = frozenset()) -> OwnProgram:
    """Return the tiny child under a name."""
    return OwnProgram(name=name, command=(sys.executable, "-c", CHILD), withheld=withheld)


if __name__ == "__main__":
    sys.exit(run(small_stack(Path(sys.argv[1]), ports=Ports.any()), say_ready))
