"""Commands that look whether everything needed is there, and what a Slack app has to be."""

import asyncio
from collections.abc import Awaitable, Callable

import typer
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer

from adapters.faults import Fault, PermanentFault, TransientFault
from adapters.keys import signing_key, verify_keys
from adapters.policy_files import PolicyFiles
from adapters.postgres.pool import open_pool, translate_faults
from adapters.settings import Settings, load_settings
from adapters.slack.client import answered, slack_client
from adapters.storage.objects import ObjectStorage
from adapters.temporal import connect
from aims.errors import AimsError
from cli.manifest import slack_manifest
from cli.output import AsJson, print_json, print_table
from workers.composition import WORKFLOWS
from workers.sandbox import workflow_runner

_Check = Callable[[Settings], Awaitable[str]]
_SCHEMA = "SELECT count(*) FROM ai_system"
_REMEDIES = {
    "database": "Is PostgreSQL running, is DATABASE_URL right, and did `aims migrate` run?",
    "temporal": "Is Temporal running, are TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE right, and did `aims bootstrap` run?",
    "policies": "`aims policy check` says more.",
    "keys": "`aims keys new FOLDER` makes keys for AIMS_SIGNING_KEY_FILE and AIMS_VERIFY_KEYS.",
    "evidence store": "Does AIMS_STORAGE_URL name a place that can be written to?",
    "slack": "Are SLACK_BOT_TOKEN and AIMS_SLACK_API_URL right? Without SLACK_BOT_TOKEN people use REST.",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(doctor)
    app.command()(manifest)
    app.command()(replay)


def doctor(*, as_json: AsJson = False) -> None:
    """Look at every dependency: does it answer, may we use it, and if not, what to do; exit 1 when one does not."""
    found = asyncio.run(_examined(load_settings()))
    if as_json:
        print_json([{"what": name, "ok": ok, "says": says} for name, ok, says in found])
    else:
        rows = [[name, "ok" if ok else "NOT OK", says] for name, ok, says in found]
        print_table("Dependencies", ("what", "state", "what it says"), rows=rows)
    if not all(ok for _, ok, _ in found):
        raise typer.Exit(1)


def manifest() -> None:
    """Print the manifest to create the Slack app from, with this installation's public URL."""
    print_json(slack_manifest(load_settings().public_url))


def replay(*, as_json: AsJson = False) -> None:
    """Replay every running process against this code; exit 1 when one would not go on. Do this before an upgrade."""
    count, failures = asyncio.run(_replayed(load_settings()))
    if as_json:
        print_json({"replayed": count, "failed": failures})
    else:
        print_table(f"{count} running processes", ("process", "why it does not replay"), rows=list(failures.items()))
    if failures:
        raise typer.Exit(1)


async def _replayed(settings: Settings) -> tuple[int, dict[str, str]]:
    """Return how many processes were replayed, and why some of them failed."""
    client = await connect(settings)
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=pydantic_data_converter)
    count, failures = 0, {}
    async for run in client.list_workflows(f"ExecutionStatus = 'Running' AND TaskQueue = '{settings.task_queue}'"):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        count += 1
        if result.replay_failure:
            failures[run.id] = str(result.replay_failure)[:200]
    await asyncio.sleep(0.25)  # a process whose last call was just now may crash when the interpreter ends
    return count, failures


async def _examined(settings: Settings) -> list[tuple[str, bool, str]]:
    checks: dict[str, _Check] = {
        "database": _database,
        "temporal": _temporal,
        "policies": _policies,
        "keys": _keys,
        "evidence store": _storage,
        "slack": _slack,
    }
    found = []
    for name, check in checks.items():
        try:
            found.append((name, True, await check(settings)))
        except (Fault, AimsError) as problem:
            found.append((name, False, f"{problem} {_REMEDIES[name]}"))
    return found


async def _database(settings: Settings) -> str:
    pool = await open_pool(settings.database_url.get_secret_value(), size=1)
    try:
        with translate_faults():
            systems = await pool.fetchval(_SCHEMA)
    finally:
        await pool.close()
    return f"answers; {systems} systems are registered"


async def _temporal(settings: Settings) -> str:
    client = await connect(settings)
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as problem:
        raise TransientFault(f"The namespace {client.namespace} does not answer: {problem.status.name}.") from problem
    return f"answers; namespace {client.namespace}"


async def _policies(settings: Settings) -> str:
    return f"usable; digest {PolicyFiles(settings.policies).read().digest()[:19]}"


async def _keys(settings: Settings) -> str:
    known = verify_keys(settings.verify_keys) if settings.verify_keys else {}
    if settings.signing_key:
        signing_key(settings.signing_key)
    return f"{len(known)} public keys; {'this process can sign' if settings.signing_key else 'cannot sign here'}"


async def _storage(settings: Settings) -> str:
    try:
        storage = ObjectStorage.at(settings.storage_url)
    except OSError as cause:
        raise PermanentFault(f"The folder cannot be made: {cause}.") from cause
    digest = await storage.put(b"aims doctor")
    return f"takes objects; test object {digest[:19]}"


async def _slack(settings: Settings) -> str:
    if settings.slack_bot_token is None:
        return "not configured: people use REST (set SLACK_BOT_TOKEN to change that)"
    client = slack_client(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    response = await answered(client.auth_test())
    return f"answers; workspace {response['team']}"
