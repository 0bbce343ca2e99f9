"""What a case leaves in Temporal: events and activities over all its runs and children."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

SETTLING = timedelta(milliseconds=500)
# An update is accepted in a workflow task, whose three events precede it and belong to it.
TASK_EVENTS = 3


@dataclass(frozen=True)
class Tally:
    """The size of one case; `decisions` are the events from each decision's arrival to its answer."""

    runs: int
    events: int
    activities: int
    decisions: list[int]

    @property
    def longest_decision(self) -> int:
        """The events of the decision that needed most."""
        return max(self.decisions, default=0)


async def tally(client: Client, query: str) -> Tally:
    """Count a case once it has come to rest, so that what it does beside its main path is counted, too."""
    before, now = None, await _count(client, query)
    while now != before:
        await asyncio.sleep(SETTLING.total_seconds())
        before, now = now, await _count(client, query)
    return now


async def _count(client: Client, query: str) -> Tally:
    runs = [
        [event async for event in client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history_events()]
        async for run in client.list_workflows(query)
    ]
    return Tally(
        runs=len(runs),
        events=sum(len(run) for run in runs),
        activities=sum(_is_activity(event) for run in runs for event in run),
        decisions=sorted(length for run in runs for length in _decisions(run)),
    )


def _is_activity(event: Any) -> bool:
    """Say whether an event stands for an activity: a scheduled one, or a local one, which leaves a marker."""
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
        return True
    return "local_activity" in event.marker_recorded_event_attributes.marker_name


def _decisions(run: Iterable[Any]) -> list[int]:
    accepted: dict[str, int] = {}
    lengths = []
    for event in run:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            accepted[event.workflow_execution_update_accepted_event_attributes.protocol_instance_id] = event.event_id
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            update = event.workflow_execution_update_completed_event_attributes.meta.update_id
            lengths.append(event.event_id - accepted[update] + 1 + TASK_EVENTS)
    return lengths
