"""Settings to adapters to activities to a worker: the one place where everything is joined."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from temporalio.client import Client
from temporalio.worker import Worker

from activities.conversations import ConversationActivities
from activities.evidence import EvidenceActivities
from activities.ledger import LedgerActivities
from activities.policies import PolicyActivities
from activities.ports import Messenger
from activities.tickets import TicketActivities
from adapters.desk import DeskMessenger
from adapters.policy_files import PolicyFiles
from adapters.policy_store import FiledPolicies
from adapters.postgres.effects import PostgresEffects
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.people import PostgresPeople
from adapters.postgres.policies import PostgresPolicies
from adapters.postgres.pool import open_pool
from adapters.postgres.register import PostgresRegister
from adapters.settings import Settings, present
from adapters.slack.client import slack_client
from adapters.slack.directory import SlackDirectory
from adapters.slack.messenger import SlackMessenger
from adapters.storage.objects import ObjectStorage
from adapters.temporal import connect
from adapters.ticketing.local import LocalTracker
from workers.interceptors import FaultInterceptor
from workers.sandbox import workflow_runner
from workflows.approval import Approval
from workflows.assignment import Assignment
from workflows.decommissioning import Decommissioning
from workflows.deployment import DeploymentSignOff
from workflows.intake import Intake
from workflows.lifecycle import Lifecycle
from workflows.periodic_review import PeriodicReview
from workflows.risk_assessment import RiskAssessment

WORKFLOWS: tuple[type, ...] = (
    Lifecycle,
    Intake,
    RiskAssessment,
    Approval,
    DeploymentSignOff,
    PeriodicReview,
    Decommissioning,
    Assignment,
)
"""Every process, for workers, tests and replays."""

_CACHED = 500  # about 90 KiB each
_STICKY = timedelta(seconds=2)  # a killed worker's tasks wait this long before another worker gets them
_LOCAL_QUIET = timedelta(seconds=1)  # the local tracker is a table: its key alone keeps a ticket from being doubled
_GRACE = timedelta(seconds=10)
_BEATS = timedelta(seconds=1)  # the usual four fifths of the time-out leave a busy machine too little room


def activities(settings: Settings, pool: asyncpg.Pool) -> Sequence[Callable[..., Any]]:
    """Return every activity, joined with the adapters that the settings choose."""
    ledger, register, people = PostgresLedger(pool), PostgresRegister(pool), PostgresPeople(pool)
    effects = PostgresEffects(pool)
    policies = FiledPolicies(
        PolicyFiles(settings.policies), PostgresPolicies(pool), keys=present(settings.verify_keys, "AIMS_VERIFY_KEYS")
    )
    records = LedgerActivities(ledger=ledger, people=people, register=register)
    basis = PolicyActivities(policies=policies)
    talks = ConversationActivities(
        messenger=messenger(settings, people), register=register, people=people, effects=effects
    )
    tickets = TicketActivities(tracker=LocalTracker(pool), quiet=_LOCAL_QUIET, register=register, effects=effects)
    archive = EvidenceActivities(objects=ObjectStorage.at(settings.storage_url), register=register)
    return (
        records.commit_step,
        records.open_approval_stage,
        records.open_assignment,
        records.enter_operation,
        basis.read_case_basis,
        basis.read_verify_keys,
        talks.ask_people,
        talks.refresh_messages,
        talks.remind_people,
        talks.show_system,
        tickets.open_ticket,
        tickets.close_ticket,
        archive.archive_case,
    )


def messenger(settings: Settings, people: PostgresPeople) -> Messenger:
    """Return Slack when a workspace is configured, else the desk."""
    if settings.slack_bot_token is None:
        return DeskMessenger()
    client = slack_client(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    channel = present(settings.slack_channel, "AIMS_SLACK_CHANNEL")
    return SlackMessenger(client, SlackDirectory(client, people), channel=channel)


def build_worker(client: Client, settings: Settings, *, pool: asyncpg.Pool) -> Worker:
    """Return the worker of all processes and effects."""
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=activities(settings, pool),
        workflow_runner=workflow_runner(),
        interceptors=[FaultInterceptor()],
        max_cached_workflows=_CACHED,
        max_concurrent_workflow_tasks=20,
        sticky_queue_schedule_to_start_timeout=_STICKY,
        graceful_shutdown_timeout=_GRACE,
        max_heartbeat_throttle_interval=_BEATS,
    )


@asynccontextmanager
async def running_worker(settings: Settings) -> AsyncIterator[Worker]:
    """Connect everything and run the worker until the block ends."""
    pool = await open_pool(settings.database_url.get_secret_value())
    try:
        worker = build_worker(await connect(settings), settings, pool=pool)
        async with worker:
            yield worker
    finally:
        await pool.close()
