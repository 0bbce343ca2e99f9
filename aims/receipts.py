"""Receipts: an entry that says what a person decided names the signed act in which they did.

Whoever can write to the database can append an entry; nobody can without the key of an entrance append its act.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from aims.acts import Act, ActKind, SignedAct, VerifyKeys, verify
from aims.errors import ForgedAct
from aims.evidence import ChainedEntry, Entry
from aims.inspection import Inspection
from aims.record import Record, SystemKey

RECEIPTED = {"vote_recorded": ActKind.VOTE, "submission_accepted": ActKind.SUBMISSION}
"""The kinds of entries that need an act, and of which kind it is."""


class KeptAct(Record):
    """A signed act as it is kept beside the ledger; `signed` is what stands there, whatever somebody made of it."""

    signed: Any
    system: SystemKey
    state: str


class Receipts:
    """Compares decisions with the acts behind them; `accepted` are the acts that some entry has to name."""

    def __init__(self, inspection: Inspection, keys: VerifyKeys, *, accepted: Sequence[str] = ()) -> None:
        self._inspection = inspection
        self._keys = keys
        self._unmet = dict.fromkeys(accepted)
        self._used: dict[str, int] = {}

    def decisions(self, page: Sequence[ChainedEntry]) -> dict[int, Entry]:
        """Return the entries of a page that need an act, by their places; an entry nobody can read is a finding."""
        found = {}
        for one in page:
            try:
                entry = Entry.model_validate_json(one.payload)
            except ValidationError:
                self._inspection.find("payload", one.seq, reason="cannot be read as an entry")
                continue
            if entry.kind in RECEIPTED:
                found[one.seq] = entry
        return found

    def check(self, decisions: Mapping[int, Entry], kept: Mapping[str, KeptAct]) -> None:
        """Compare decisions with the acts that they name; each act is good for one entry."""
        for seq, entry in decisions.items():
            act = act_named(entry)
            reason = mismatch(entry, kept.get(act), keys=self._keys)
            if reason is None and act in self._used:
                reason = f"repeats the decision of entry {self._used[act]}"
            if reason:
                self._inspection.find("receipt", seq, reason=reason)
            self._used.setdefault(act, seq)
            self._unmet.pop(act, None)

    def close(self) -> None:
        """Find the accepted acts that no entry names."""
        for act in self._unmet:
            self._inspection.find("unrecorded", 0, reason=f"is missing that records the accepted act {act}")


def act_named(entry: Entry) -> str:
    """Return the id of the act that an entry names; empty when it names none."""
    return str(entry.facts.get("act", ""))


def mismatch(entry: Entry, kept: KeptAct | None, *, keys: VerifyKeys) -> str | None:
    """Return why an entry is not what the person of its act signed; nothing when it is."""
    if kept is None:
        return "names no act that is kept"
    try:
        act = verify(SignedAct.model_validate(kept.signed), keys)
    except (ForgedAct, ValidationError):
        return "rests on an act whose signature does not hold"
    differing = [name for name, (said, signed) in _compared(entry, act, kept=kept).items() if said != signed]
    return f"says another {' and '.join(differing)} than the act that it names" if differing else None


def _compared(entry: Entry, act: Act, *, kept: KeptAct) -> Mapping[str, tuple[Any, Any]]:
    """Return what the entry says beside what was signed, by name."""
    common = {
        "act": (act_named(entry), act.id),
        "kind": (RECEIPTED[entry.kind], act.kind),
        "case": (entry.case, act.case),
        "system": (entry.system, kept.system),
        "person": (entry.actor, act.person),
        "digest": (entry.content_digest, act.digest),
        "state": ("accepted", kept.state),
    }
    if act.kind is ActKind.VOTE:
        # The stage of a vote stands in the entry's key alone.
        place = f"{act.case}:{act.step}:{act.person}:{entry.kind}"
        return {**common, "verdict": (entry.facts.get("verdict"), act.verdict), "stage": (entry.key, place)}
    return {**common, "form": (entry.facts.get("form"), act.step), "facts": (entry.facts.get("facts"), act.facts)}
