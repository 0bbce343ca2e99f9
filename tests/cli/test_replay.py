"""The command `aims replay` says whether the running processes would go on under this code."""

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.cli.command_line import command_line_of
from tests.organisation import organisation
from tests.servers import Database


@pytest.mark.feature(116, 134)
async def test_every_running_process_is_replayed(
    temporal_env: WorkflowEnvironment, fresh_database: Database, *, tmp_path: Path
) -> None:
    async with organisation(temporal_env, fresh_database, folder=tmp_path) as firm:
        await firm.request(firm.key, talks_to_people="yes")
        await firm.open_case(f"assignment:risk-assessment:{firm.key}:1")
        ran = await command_line_of(firm).run("replay", "--json")
    assert (ran.code, ran.json) == (0, {"replayed": 3, "failed": {}})
