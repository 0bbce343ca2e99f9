"""The `aims` command: exit 0 when done, 1 when refused or found wrong, 2 for wrong usage; progress on stderr."""

import sys

import typer

from adapters.faults import Fault
from adapters.settings import SettingsInvalid
from aims.errors import AimsError
from cli import checks, keys, ledgers, organisation, policies, processes, stacks, systems
from cli.supervisor import StackFailed

app = typer.Typer(
    name="aims",
    help="Governance of AI systems as durable processes (ISO/IEC 42001).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for commands in (stacks, processes, checks):
    commands.register(app)
app.add_typer(systems.app, name="system")
app.add_typer(systems.tasks, name="task")
app.add_typer(policies.app, name="policy")
app.add_typer(ledgers.app, name="ledger")
app.add_typer(organisation.people, name="people")
app.add_typer(organisation.tokens, name="token")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command; a broken rule or a fault is one sentence on stderr and exit code 1."""
    try:
        app()
    except AimsError as rule:
        _fail(rule.sentence, *(f"  {pointer}: {said}" for pointer, said in rule.fields.items()))
    except (Fault, SettingsInvalid, StackFailed) as problem:
        _fail(str(problem))


def _fail(*lines: str) -> None:
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(1)
