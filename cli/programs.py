"""Our own processes inside the embedded stack: the api and the worker."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

Environment = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a readiness probe may look at."""

    environment: Environment
    temporal: Client


async def _ready_at_once(_: Surroundings) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class OwnProgram:
    """A process of ours; it does not get the variables in `withheld` and gets `extra` on top."""

    name: str
    command: tuple[str, ...]
    withheld: frozenset[str] = frozenset()
    extra: Environment = field(default_factory=dict)
    ready: Callable[[Surroundings], Awaitable[bool]] = _ready_at_once

    def environment(self, given: Environment) -> dict[str, str]:
        """Return the part of the stack's environment that this process needs."""
        return {name: value for name, value in given.items() if name not in self.withheld} | dict(self.extra)


async def api_answers(around: Surroundings) -> bool:
    """Say whether the api's process answers HTTP."""
    url = f"http://127.0.0.1:{around.environment['AIMS_API_PORT']}/healthz"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


async def worker_polls(around: Surroundings) -> bool:
    """Say whether a worker asks the task queue for work."""
    request = DescribeTaskQueueRequest(
        namespace=around.temporal.namespace,
        task_queue=TaskQueue(name=around.environment["AIMS_TASK_QUEUE"]),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        return bool((await around.temporal.workflow_service.describe_task_queue(request)).pollers)
    except RPCError:
        return False


API = OwnProgram(
    name="api",
    command=(sys.executable, "-m", "cli", "serve"),
    ready=api_answers,
)
WORKER = OwnProgram(
    name="worker",
    command=(sys.executable, "-m", "cli", "worker"),
    withheld=frozenset(
        {"AIMS_SIGNING_KEY", "AIMS_SIGNING_KEY_FILE", "SLACK_SIGNING_SECRET", "SLACK_SIGNING_SECRET_FILE"}
    ),
    ready=worker_polls,
)
