"""Connecting to Temporal and preparing a namespace, against the real server."""

import uuid
from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from adapters.faults import PermanentFault, TransientFault
from adapters.settings import Settings
from adapters.temporal import bootstrap, connect


def settings_for(address: str) -> Settings:
    """Return settings with a Temporal at that address."""
    return Settings(
        database_url=SecretStr("postgresql://aims@/aims"),
        temporal={"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": "default"},
    )


@pytest.fixture
async def client(temporal_env: WorkflowEnvironment) -> Client:
    """Return a client made the way the processes make theirs."""
    return await connect(settings_for(temporal_env.client.service_client.config.target_host))


async def test_a_client_speaks_to_the_namespace_with_models(client: Client) -> None:
    assert client.namespace == "default"
    assert client.data_converter is pydantic_data_converter
    keep_alive = client.service_client.config.keep_alive_config
    assert keep_alive is not None
    assert (keep_alive.interval_millis, keep_alive.timeout_millis) == (5000, 3000)


async def test_a_server_that_is_away_is_named() -> None:
    with pytest.raises(TransientFault, match=r"127\.0\.0\.1:9.*TEMPORAL_ADDRESS"):
        await connect(settings_for("127.0.0.1:9"))


async def test_history_is_kept_for_ten_years(client: Client) -> None:
    await bootstrap(client, attributes={})
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=3650)


async def test_attributes_can_be_used_as_soon_as_they_are_registered(client: Client) -> None:
    await bootstrap(client, attributes={"AimsTest": "Bool"})
    await bootstrap(client, attributes={"AimsTest": "Bool"})
    pair = SearchAttributePair(SearchAttributeKey.for_bool("AimsTest"), value=True)
    handle = await client.start_workflow(
        "Nobody", id=f"w-{uuid.uuid4()}", task_queue="none", search_attributes=TypedSearchAttributes([pair])
    )
    assert (await handle.describe()).typed_search_attributes[pair.key] is True
    await handle.terminate()


async def test_an_attribute_of_another_type_is_refused(client: Client) -> None:
    await bootstrap(client, attributes={"AimsTest": "Bool"})
    with pytest.raises(PermanentFault, match="AimsTest with another type than Int"):
        await bootstrap(client, attributes={"AimsTest": "Int"})


async def test_a_namespace_that_never_comes_is_reported(temporal_env: WorkflowEnvironment) -> None:
    host = temporal_env.client.service_client.config.target_host
    client = await Client.connect(host, namespace="absent")
    with pytest.raises(TransientFault, match="absent"):
        await bootstrap(client, attributes={}, within=timedelta(milliseconds=200))
