"""Every recorded history replays against the workflows of this checkout."""

import json
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workers.composition import WORKFLOWS
from workers.sandbox import workflow_runner

RECORDING = """No history is recorded under tests/replay/histories: nothing shows that running processes survive
this code. `python -m tests.replay.recording` records the histories of one whole life."""


def histories() -> list[WorkflowHistory]:
    """Read the recorded histories; each began with the workflow id that its first event names."""
    paths = sorted((Path(__file__).parent / "histories").glob("*.json"))
    return [_history(path.read_text(encoding="utf-8")) for path in paths]


def _history(text: str) -> WorkflowHistory:
    began = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(began["workflowId"], text)


async def test_every_recorded_history_replays() -> None:
    recorded = histories()
    assert recorded, RECORDING
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=pydantic_data_converter)
    results = [await replayer.replay_workflow(history, raise_on_replay_failure=False) for history in recorded]
    assert {result.history.workflow_id: failure for result in results if (failure := result.replay_failure)} == {}
