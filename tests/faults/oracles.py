"""What must be true after any fault, judged from what the outside shows: rows, messages, the workflows' own views.

Nothing here asks the program what it thinks it did; keys and markers are worked out anew.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aims.evidence import ChainedEntry, breaks
from tests.faults.journey import Acknowledged

ENDED_TICKETS = {"decommissioned": "done", "rejected": "dropped", "withdrawn": "dropped"}


@dataclass(frozen=True, kw_only=True)
class Act:
    """A stored act."""

    id: str
    kind: str
    case: str
    person: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """An approval or assignment as the register shows it; `people` are those who were ever asked, with the step."""

    id: str
    open: bool
    outcome: str
    people: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message of the app: the id that marks it, whether it has buttons, and its text."""

    marker: str
    buttons: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that is left after a run. Without a chat `messages` is `None`; `progress` is what workflows say."""

    acknowledged: list[Acknowledged]
    acts: list[Act]
    chain: list[ChainedEntry]
    systems: Mapping[str, str]
    cases: list[Case]
    effects: Mapping[str, str]
    tickets: list[tuple[str, str]]
    messages: list[Shown] | None
    progress: Mapping[str, str] = field(default_factory=dict)

    def entries(self) -> list[dict[str, Any]]:
        """Return what the ledger's entries say, oldest first."""
        return [json.loads(entry.payload) for entry in self.chain]


def complaints(found: Findings) -> list[str]:
    """Return everything that is lost, doubled or untrue, in words; nothing after a good run."""
    parts = (_chain, _acts, _entries, _tickets, _effects, _messages, _stages, _progress)
    return [complaint for part in parts for complaint in part(found)]


def marker(key: str) -> str:
    """Return the id that the first block of a message with this key has."""
    return f"aims-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _chain(found: Findings) -> Iterator[str]:
    yield from (f"entry {one.seq} {one.reason}" for one in breaks(found.chain))


def _acts(found: Findings) -> Iterator[str]:
    accepted = Counter((act.case, act.person) for act in found.acts if act.state == "accepted")
    told = {(one.case, one.person) for one in found.acknowledged}
    yield from (f"acknowledged, and accepted {accepted[one]} times: {one}" for one in told if accepted[one] != 1)
    yield from (f"accepted {times} times: {one}" for one, times in accepted.items() if times != 1)
    answers = Counter(
        (entry["facts"]["act"], entry["kind"] == "attempt_refused")
        for entry in found.entries()
        if "act" in entry["facts"]
    )
    for act in found.acts:
        counted = (answers[act.id, False], answers[act.id, True])
        if counted != {"accepted": (1, 0), "refused": (0, 1)}.get(act.state):
            yield f"{act.state} act {act.id} has {counted[0]} entries and {counted[1]} refusals"


def _entries(found: Findings) -> Iterator[str]:
    attempts = ("attempt_refused",)
    told = Counter(
        (entry["case"], entry["kind"], entry["actor"], entry["facts"].get("stage"))
        for entry in found.entries()
        if entry["kind"] not in attempts
    )
    yield from (f"recorded {times} times: {what}" for what, times in told.items() if times > 1)
    yield from (f"the run was interrupted: {what}" for what in told if what[1] == "stage_interrupted")


def _tickets(found: Findings) -> Iterator[str]:
    for key, stage in found.systems.items():
        own = [state for title, state in found.tickets if f"({key})" in title]
        if own != [ENDED_TICKETS.get(stage, "open")]:
            yield f"the tickets of {key}, which is {stage}, are {own}"


def _effects(found: Findings) -> Iterator[str]:
    yield from (f"effect {key} is {state}" for key, state in found.effects.items() if state != "done")


def _messages(found: Findings) -> Iterator[str]:
    if found.messages is None:
        return
    posted = Counter(message.marker for message in found.messages)
    expected = {marker(f"system:{key}:thread"): f"system:{key}:thread" for key in found.systems}
    for case in found.cases:
        expected |= {marker(key): key for key in (f"{case.id}:ask:{step}:{who}" for step, who in case.people)}
    yield from (f"{posted[one]} messages {key}" for one, key in expected.items() if posted[one] != 1)
    yield from (f"a message that nobody meant: {one.text}" for one in found.messages if one.marker not in expected)
    yield from _untrue(found, {message.marker: message for message in found.messages})


def _untrue(found: Findings, messages: Mapping[str, Shown]) -> Iterator[str]:
    for case in found.cases:
        for step, person in case.people:
            shown = messages.get(marker(f"{case.id}:ask:{step}:{person}"))
            standing = "Waiting for" if case.open else f"Closed: {case.outcome}"
            if shown and (shown.buttons != case.open or standing not in shown.text):
                yield f"the message to {person} about {case.id} ({case.outcome}) shows: {shown.text}"
    for key, stage in found.systems.items():
        thread = messages.get(marker(f"system:{key}:thread"))
        if thread and stage.replace("_", " ") not in thread.text:
            yield f"the thread of {key}, which is {stage}, shows: {thread.text}"


def _stages(found: Findings) -> Iterator[str]:
    for key, stage in found.systems.items():
        moves = [e["facts"]["stage"] for e in found.entries() if e["case"] == f"system:{key}" and "stage" in e["facts"]]
        if (moves or ["intake"])[-1] != stage:
            yield f"the register says that {key} is {stage}, the ledger {moves}"


def _progress(found: Findings) -> Iterator[str]:
    said = {f"system:{key}": stage for key, stage in found.systems.items()}
    said |= {case.id: case.outcome for case in found.cases}
    yield from (
        f"the register says {state} of {case}, its workflow {found.progress.get(case)}"
        for case, state in said.items()
        if found.progress.get(case) != state
    )
