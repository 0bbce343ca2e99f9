"""The commands, variables and ports of the compose file, run against real servers."""

import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from adapters.temporal import RETENTION, dial
from tests.deployment.composition import ROOT, services
from tests.deployment.rehearsal import Rehearsal, rehearse
from workflows.visibility import ATTRIBUTES


@pytest_asyncio.fixture(scope="module")
async def installed(temporal_env: WorkflowEnvironment) -> AsyncIterator[Rehearsal]:
    """Return an installation that was prepared as the compose file says."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        target = temporal_env.client.service_client.config.target_host
        async with rehearse(Path(folder), temporal=target) as rehearsal:
            yield rehearsal


@pytest_asyncio.fixture
async def client(installed: Rehearsal) -> Client:
    """Return a connection to the namespace of the installation."""
    return await dial({"TEMPORAL_ADDRESS": installed.temporal, "TEMPORAL_NAMESPACE": "aims"})


async def fetch(installed: Rehearsal, statement: str, *, role: str = "aims") -> object:
    """Run a statement under a role of the installation."""
    file = {"aims": "database-url", "aims_owner": "migration-database-url"}[role]
    connection = await asyncpg.connect((installed.secrets / file).read_text().strip())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_the_roles_have_no_more_rights_than_they_need(installed: Rehearsal) -> None:
    may = "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb) FROM pg_roles WHERE rolname !~ '^p(ost)?g'"
    elsewhere = "SELECT has_database_privilege('temporal', 'CONNECT')"
    assert await fetch(installed, may) is False
    assert await fetch(installed, "SELECT count(*) FROM ledger_entry") == 0
    assert await fetch(installed, elsewhere, role="aims_owner") is False
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(installed, "DELETE FROM ledger_entry")


async def test_the_health_of_postgresql_is_seen(installed: Rehearsal) -> None:
    _, *command = services()["postgres"]["healthcheck"]["test"]
    socket = f"--host={installed.server.socket_folder}"
    assert "accepting" in await installed.psql([socket if "--host" in word else word for word in command])


async def test_the_namespace_is_prepared_and_preparing_it_again_is_harmless(
    installed: Rehearsal, client: Client
) -> None:
    await installed.once("temporal-namespace")
    await installed.once("bootstrap")
    assert await client.count_workflows(f"{next(iter(ATTRIBUTES))} = 'nothing'") is not None
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="aims"),
    )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION


async def test_the_api_gets_ready_and_its_health_is_seen(installed: Rehearsal) -> None:
    url = f"http://127.0.0.1:{installed.port}/readyz"

    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as web:
                return (await web.get(url)).status_code == 200
        except httpx.TransportError:
            return False

    async with installed.running("api") as api:
        await installed.until(ready, log="api")
        _, *probe = services()["api"]["healthcheck"]["test"]
        await installed.run([installed.here(word) for word in probe], installed.environment("api"))
    assert api.returncode in {0, -signal.SIGTERM}


async def test_the_worker_polls_without_the_signing_key(installed: Rehearsal, client: Client) -> None:
    queue = DescribeTaskQueueRequest(
        namespace="aims", task_queue=TaskQueue(name="aims"), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )

    async def polls() -> bool:
        return bool((await client.workflow_service.describe_task_queue(queue)).pollers)

    assert not [name for name in installed.environment("worker") if "SIGNING" in name]
    async with installed.running("worker") as worker:
        await installed.until(polls, log="worker")
    assert worker.returncode == 0


async def test_what_an_administrator_types_works(installed: Rehearsal) -> None:
    assert "12 people" in await installed.aims("people", "import", str(ROOT / "examples" / "people.toml"))
    assert (await installed.aims("token", "create", "p-1011", "--label", "laptop")).startswith("aims_")
    assert "1 tokens" in await installed.aims("token", "revoke", "p-1011", "laptop")
    assert "no break" in await installed.aims("ledger", "verify")
    await installed.aims("ledger", "checkpoint")
    await installed.aims("ledger", "witness", str(installed.folder / "last-seen"))
    await installed.aims("policy", "check")
    assert "NOT OK" not in await installed.aims("doctor")
    assert f"http://127.0.0.1:{installed.port}/slack/events" in await installed.aims("manifest")


async def test_a_backup_comes_back(installed: Rehearsal) -> None:
    dump = str(installed.folder / "aims.dump")
    head = await installed.psql(["psql", "--username=postgres", "--csv", "--command", "TABLE ledger_head", "aims"])
    assert f"t,0,{'0' * 64}" in head
    await installed.psql(["pg_dump", "--username=postgres", "--format=custom", f"--file={dump}", "aims"])
    await installed.psql(["createdb", "--username=postgres", "--owner=aims_owner", "restored"])
    await installed.psql(
        ["pg_restore", "--username=postgres", "--exit-on-error", "--dbname=restored", dump],
    )
    url = (installed.secrets / "database-url").read_text().strip().replace("/aims?", "/restored?")
    restored = installed.environment("api") | {"DATABASE_URL": url}
    del restored["DATABASE_URL_FILE"]
    assert "no break" in await installed.run(["aims", "ledger", "verify"], restored)
