"""Generated requests: whatever is sent, no answer is a failure of ours, and each is as the OpenAPI document says."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.rest_desk import Office, served
from tests.organisation import REQUESTER

EXAMPLES = 8  # of each operation, as many fitting the document as not
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.feature(114)
async def test_generated_requests_are_answered_as_the_document_says(office: Office) -> None:
    headers = await office.desk.headers(REQUESTER)
    async with served(office.desk.company.services) as url:
        count = await asyncio.to_thread(probe_all, url, {"Authorization": headers["Authorization"]})
    assert count >= 250


def probe_all(url: str, headers: dict[str, str]) -> int:
    """Send generated requests to every operation and return how many there were."""
    schema = openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return sum(probe(operation, mode, headers=headers) for operation in operations for mode in modes)


def probe(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, *, headers: dict[str, str]) -> int:
    """Send generated requests to one operation, the same ones in every run, and return how many."""
    sent = 0

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(headers=headers, checks=CHECKS)

    # An operation without parameters has nothing that could be wrong.
    with suppress(*([Unsatisfiable] if mode is GenerationMode.NEGATIVE else [])):
        send()
    return sent
