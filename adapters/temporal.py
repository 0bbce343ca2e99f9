"""Connecting to Temporal, and preparing a namespace for what the processes need."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime
from temporalio.service import KeepAliveConfig, RPCError, RPCStatusCode

from adapters.faults import Fault, PermanentFault, TransientFault
from adapters.settings import Settings

Answer = TypeVar("Answer")
AttributeType = Literal["Keyword", "KeywordList", "Datetime", "Bool", "Int"]

TYPES: Mapping[str, IndexedValueType.ValueType] = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}
# A frozen connection is noticed after about 10 s instead of 45 s.
KEEP_ALIVE = KeepAliveConfig(interval_millis=5000, timeout_millis=3000)
RETENTION = timedelta(days=3650)
# A server that has just started does not know its own namespace for a moment.
PASSING = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.NOT_FOUND,
}
PAUSE_SECONDS = 0.1


async def connect(settings: Settings, *, runtime: Runtime | None = None) -> Client:
    """Connect as the TEMPORAL_* variables of the settings say.

    Raises:
        TransientFault: When the server does not answer.

    """
    return await dial(settings.temporal, runtime=runtime)


async def dial(variables: Mapping[str, str], *, runtime: Runtime | None = None) -> Client:
    """Connect as these TEMPORAL_* variables say; a TOML profile counts only when one of them names it.

    Raises:
        TransientFault: When the server does not answer.

    """
    named = "TEMPORAL_CONFIG_FILE" in variables or "TEMPORAL_PROFILE" in variables
    config: dict[str, Any] = dict(
        ClientConfig.load_client_connect_config(disable_file=not named, override_env_vars=variables)
    )
    try:
        return await Client.connect(
            **config, data_converter=pydantic_data_converter, keep_alive_config=KEEP_ALIVE, runtime=runtime
        )
    except RuntimeError as error:
        raise TransientFault(
            f"Temporal does not answer at {config['target_host']}. Is it running, and is TEMPORAL_ADDRESS right?"
        ) from error


async def bootstrap(
    client: Client,
    *,
    attributes: Mapping[str, AttributeType],
    retention: timedelta = RETENTION,
    within: timedelta = timedelta(seconds=30),
) -> None:
    """Register the search attributes and raise the retention; harmless when repeated.

    Waits up to `within` for a server that has just started.

    Raises:
        TransientFault: When the server does not get ready in time.
        PermanentFault: When it refuses, or knows an attribute with another type.

    """
    deadline = time.monotonic() + within.total_seconds()
    await _patiently(lambda: _raise_retention(client, retention), deadline)
    await _patiently(lambda: _register(client, attributes), deadline)


async def _patiently(call: Callable[[], Awaitable[Answer]], deadline: float) -> Answer:
    while True:
        try:
            return await call()
        except RPCError as error:
            fault = _fault(error)
            if isinstance(fault, PermanentFault) or time.monotonic() > deadline:
                raise fault from error
        await asyncio.sleep(PAUSE_SECONDS)


def _fault(error: RPCError) -> Fault:
    if error.status in PASSING:
        return TransientFault(f"Temporal is not ready: {error.message}.")
    return PermanentFault(f"Temporal refuses to be prepared: {error.message}.")


async def _raise_retention(client: Client, retention: timedelta) -> None:
    service, namespace = client.workflow_service, client.namespace
    described = await service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    if described.config.workflow_execution_retention_ttl.ToTimedelta() >= retention:
        return
    wanted = Duration()
    wanted.FromTimedelta(retention)
    config = NamespaceConfig(workflow_execution_retention_ttl=wanted)
    await service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))


async def _register(client: Client, attributes: Mapping[str, AttributeType]) -> None:
    service, namespace = client.operator_service, client.namespace
    listed = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    known = {**listed.custom_attributes, **listed.system_attributes}
    for name, kind in attributes.items():
        if name in known and known[name] != TYPES[kind]:
            raise PermanentFault(f"Temporal knows the search attribute {name} with another type than {kind}.")
    wanted = {name: TYPES[kind] for name, kind in attributes.items() if name not in known}
    if wanted:
        await service.add_search_attributes(AddSearchAttributesRequest(namespace=namespace, search_attributes=wanted))
