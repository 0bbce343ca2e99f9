"""A company of its own for each test of a process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.organisation import Organisation, organisation
from tests.servers import Database


@pytest_asyncio.fixture
async def company(
    temporal_env: WorkflowEnvironment, fresh_database: Database, *, tmp_path: Path
) -> AsyncIterator[Organisation]:
    """Run a company on the session's servers."""
    async with organisation(temporal_env, fresh_database, folder=tmp_path) as running:
        yield running
