"""Everything that a request may touch, joined once when the api starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from pydantic import SecretStr
from temporalio.client import Client

from adapters.checkpoint_files import CheckpointFiles
from adapters.keys import signing_key, verify_keys
from adapters.policy_files import PolicyFiles
from adapters.policy_store import FiledPolicies
from adapters.postgres.acts import PostgresActs
from adapters.postgres.chain import PostgresChain
from adapters.postgres.evidence import PostgresEvidence
from adapters.postgres.idempotency import PostgresIdempotency
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.people import PostgresPeople
from adapters.postgres.policies import PostgresPolicies
from adapters.postgres.pool import open_pool
from adapters.postgres.register import PostgresRegister
from adapters.postgres.replays import PostgresReplays
from adapters.postgres.tokens import PostgresTokens
from adapters.settings import Settings, present
from adapters.slack.client import slack_client
from adapters.slack.directory import SlackDirectory
from adapters.slack.messenger import SlackMessenger
from adapters.storage.objects import ObjectStorage
from adapters.temporal import connect
from api.checkpointing import Checkpointing
from api.commands import Commands
from api.delivery import Delivery
from api.entrance import Entrance


@dataclass(frozen=True)
class SlackWorkspace:
    """A configured Slack workspace."""

    messenger: SlackMessenger
    directory: SlackDirectory
    signing_secret: SecretStr


@dataclass(frozen=True)
class Services:
    """The joined parts of the api."""

    pool: asyncpg.Pool
    client: Client
    register: PostgresRegister
    ledger: PostgresLedger
    people: PostgresPeople
    policies: FiledPolicies
    kept_policies: PostgresPolicies
    tokens: PostgresTokens
    answers: PostgresIdempotency
    replays: PostgresReplays
    evidence: PostgresEvidence
    objects: ObjectStorage
    delivery: Delivery
    entrance: Entrance
    checkpointing: Checkpointing
    slack: SlackWorkspace | None


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect everything, deliver what was left behind, and close everything at the end."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url.get_secret_value())
        stack.push_async_callback(pool.close)
        services = joined(settings, pool, client=await connect(settings))
        sweeper = asyncio.create_task(services.delivery.sweep_for_ever())
        stack.push_async_callback(services.delivery.settle)
        stack.callback(sweeper.cancel)
        checkpoints = asyncio.create_task(services.checkpointing.write_for_ever())
        stack.callback(checkpoints.cancel)
        yield services


def joined(settings: Settings, pool: asyncpg.Pool, *, client: Client) -> Services:
    """Join the parts; every part is made here and nowhere else."""
    ledger, acts, people = PostgresLedger(pool), PostgresActs(pool), PostgresPeople(pool)
    kept, register, evidence = PostgresPolicies(pool), PostgresRegister(pool), PostgresEvidence(pool)
    policies = FiledPolicies(
        PolicyFiles(settings.policies), kept, keys=present(settings.verify_keys, "AIMS_VERIFY_KEYS")
    )
    slack = workspace(settings, people)
    delivery = Delivery(
        Commands(client, settings.task_queue, register=register),
        acts,
        ledger=ledger,
        teller=slack.messenger if slack else None,
    )
    entrance = Entrance(
        acts=acts,
        register=register,
        people=people,
        policies=policies,
        evidence=evidence,
        ledger=ledger,
        key=signing_key(present(settings.signing_key, "AIMS_SIGNING_KEY")),
        deliver=delivery.soon,
        now=lambda: datetime.now(UTC),
    )
    return Services(
        pool=pool,
        client=client,
        register=register,
        ledger=ledger,
        people=people,
        policies=policies,
        kept_policies=kept,
        tokens=PostgresTokens(pool),
        answers=PostgresIdempotency(pool),
        replays=PostgresReplays(pool),
        evidence=evidence,
        objects=ObjectStorage.at(settings.storage_url),
        delivery=delivery,
        entrance=entrance,
        checkpointing=checkpointing(settings, pool),
        slack=slack,
    )


def checkpointing(settings: Settings, pool: asyncpg.Pool) -> Checkpointing:
    """Return what signs the checkpoints of the ledger."""
    return Checkpointing(
        ledger=PostgresLedger(pool),
        chain=PostgresChain(pool),
        files=CheckpointFiles(settings.checkpoints),
        key=signing_key(present(settings.signing_key, "AIMS_SIGNING_KEY")),
        keys=verify_keys(present(settings.verify_keys, "AIMS_VERIFY_KEYS")),
    )


def workspace(settings: Settings, people: PostgresPeople) -> SlackWorkspace | None:
    """Return the Slack workspace, when a token is configured; then its other settings are needed, too."""
    if settings.slack_bot_token is None:
        return None
    client = slack_client(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    directory = SlackDirectory(client, people)
    channel = present(settings.slack_channel, "AIMS_SLACK_CHANNEL")
    return SlackWorkspace(
        messenger=SlackMessenger(client, directory, channel=channel),
        directory=directory,
        signing_secret=present(settings.slack_signing_secret, "SLACK_SIGNING_SECRET"),
    )
