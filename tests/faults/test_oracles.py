"""The oracles notice what they are for: each thing lost, doubled or untrue makes them complain."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aims.evidence import GENESIS, ChainedEntry, link
from tests.faults.findings import recovery
from tests.faults.journey import Acknowledged
from tests.faults.oracles import Act, Case, Findings, Shown, complaints, marker

CASE = "approval:use:robot:1"
ASKED = marker(f"{CASE}:ask:decision:ada")
THREAD = marker("system:robot:thread")
AT = "2026-03-02T09:00:0{}.000000Z"


def chained(*entries: dict[str, Any]) -> list[ChainedEntry]:
    """Return a chain that holds."""
    chain: list[ChainedEntry] = []
    for seq, entry in enumerate(entries, start=1):
        prev_hash = chain[-1].hash if chain else GENESIS
        payload, at = json.dumps(entry), AT.format(seq)
        seal = link(prev_hash=prev_hash, seq=seq, recorded_at=at, payload=payload)
        chain.append(ChainedEntry(seq=seq, recorded_at=at, payload=payload, prev_hash=prev_hash, hash=seal))
    return chain


VOTED = {"case": CASE, "kind": "vote_recorded", "actor": "ada", "facts": {"act": "act-1"}}
MOVED = {"case": "system:robot", "kind": "operation_entered", "actor": "system", "facts": {"stage": "in_operation"}}
REFUSED = {"case": CASE, "kind": "attempt_refused", "actor": "ada", "facts": {"act": "act-2"}}
GOOD = Findings(
    acknowledged=[Acknowledged(CASE, "ada")],
    acts=[
        Act(id="act-1", kind="vote", case=CASE, person="ada", state="accepted"),
        Act(id="act-2", kind="vote", case=CASE, person="ada", state="refused"),
    ],
    chain=chained(VOTED, REFUSED, MOVED),
    systems={"robot": "in_operation"},
    cases=[Case(id=CASE, open=False, outcome="approved", people=(("decision", "ada"),))],
    effects={"system:robot:ticket": "done"},
    tickets=[("AI system Robot (robot)", "open")],
    messages=[
        Shown(marker=ASKED, buttons=False, text="Closed: approved."),
        Shown(marker=THREAD, buttons=False, text="Stage in operation"),
    ],
    progress={"system:robot": "in_operation", CASE: "approved"},
)
Fault = Callable[[Findings], Findings]


def messages(*shown: Shown) -> Fault:
    """Return the fault that leaves these messages."""
    return lambda good: replace(good, messages=list(shown))


def acts(*left: Act) -> Fault:
    """Return the fault that leaves these acts."""
    return lambda good: replace(good, acts=list(left))


def chain(*entries: dict[str, Any]) -> Fault:
    """Return the fault that leaves these entries."""
    return lambda good: replace(good, chain=chained(*entries))


FIRST, SECOND = GOOD.acts
CARD, ROOT = GOOD.messages or []
FAULTS: dict[str, Fault] = {
    "a message was posted twice": messages(CARD, CARD, ROOT),
    "a message was never posted": messages(ROOT),
    "a message was posted that nobody meant": messages(CARD, ROOT, replace(CARD, marker="aims-else")),
    "the thread was opened twice": messages(CARD, ROOT, ROOT),
    "a closed case still has buttons": messages(replace(CARD, buttons=True), ROOT),
    "a message shows an outcome that is not true": messages(replace(CARD, text="Closed: rejected."), ROOT),
    "the thread shows an old stage": messages(CARD, replace(ROOT, text="Stage approval")),
    "an act was lost": acts(SECOND),
    "an act is pending for ever": acts(replace(FIRST, state="pending"), SECOND),
    "an act was refused after it was acknowledged": acts(replace(FIRST, state="refused"), SECOND),
    "two acts of one person were accepted": acts(FIRST, replace(SECOND, state="accepted")),
    "an accepted act is not in the ledger": chain(REFUSED, MOVED),
    "a vote was recorded twice": chain(VOTED, {**VOTED, "facts": {}}, REFUSED, MOVED),
    "an act has two entries": chain(VOTED, {**VOTED, "kind": "submission_accepted"}, REFUSED, MOVED),
    "operation was entered twice": chain(VOTED, REFUSED, MOVED, MOVED),
    "a refusal was recorded twice": chain(VOTED, REFUSED, REFUSED, MOVED),
    "a stage was begun anew": chain(VOTED, REFUSED, {**MOVED, "kind": "stage_interrupted"}),
    "an entry is missing in the chain": lambda good: replace(good, chain=good.chain[1:]),
    "a second ticket was opened": lambda good: replace(good, tickets=good.tickets * 2),
    "no ticket was opened": lambda good: replace(good, tickets=[]),
    "the ticket was closed too soon": lambda good: replace(good, tickets=[(good.tickets[0][0], "done")]),
    "an effect hangs": lambda good: replace(good, effects={"system:robot:ticket": "sending"}),
    "the register is behind the ledger": lambda good: replace(good, systems={"robot": "approval"}),
    "a workflow says something else": lambda good: replace(good, progress={**good.progress, CASE: "pending"}),
    "a workflow is gone": lambda good: replace(good, progress={CASE: "approved"}),
}


def test_a_good_run_has_no_complaints() -> None:
    assert complaints(GOOD) == []


@pytest.mark.feature(135)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_oracles_complain_when(fault: Fault) -> None:
    assert complaints(fault(GOOD))


def test_recovery_is_the_time_to_the_next_step_and_not_to_a_refusal() -> None:
    found = chained(VOTED, REFUSED, MOVED)
    assert recovery(1772442001.5, found) == pytest.approx(1.5)
    assert recovery(1772442009.0, found) is None
