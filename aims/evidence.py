"""A ledger entry and the hash chain it joins. Source: ISO/IEC 42001:2023, 7.5.3."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from aims.clauses import evidenced_by
from aims.record import Digest, Record, SystemKey, canonical

GENESIS = "0" * 64
"""The hash before the first entry."""

_DOMAIN = "aims.ledger.v1"


class Entry(Record):
    """What is recorded of one fact. `key` makes it unique for ever: workflow id, logical step and cycle.

    `actor` is a person's opaque id, `policy:<rule>` or `system`. `occurred_at` is the time of the case,
    `facts` holds ids, digests, numbers and verdicts only: free text stays in its own erasable row.
    """

    key: str
    system: SystemKey
    case: str
    kind: str
    actor: str
    occurred_at: datetime
    policy_digest: Digest | None = None
    content_digest: Digest | None = None
    clauses: list[str] = Field(default_factory=list)
    facts: dict[str, Any] = Field(default_factory=dict)

    def payload(self) -> str:
        """Return the canonical text that is hashed and stored; clauses are filled from the kind when none are given."""
        clauses = self.clauses or list(evidenced_by(self.kind))
        return canonical(self.model_copy(update={"clauses": clauses})).decode()


class ChainedEntry(Record):
    """An entry as it stands in the ledger. `recorded_at` is the database's clock as it was hashed, in text."""

    seq: int
    recorded_at: str
    payload: str
    prev_hash: str
    hash: str


class Break(Record):
    """A place where the chain does not hold, and why."""

    seq: int
    reason: str


def link(*, prev_hash: str, seq: int, recorded_at: str, payload: str) -> str:
    """Return the hash of an entry: SHA-256, hexadecimal, over its place, its time and its payload."""
    text = "\n".join((_DOMAIN, prev_hash, str(seq), recorded_at, payload))
    return hashlib.sha256(text.encode()).hexdigest()


def breaks(entries: Iterable[ChainedEntry], *, start: ChainedEntry | None = None) -> Iterable[Break]:
    """Yield every place where entries, oldest first, do not continue the chain after `start`."""
    prev_hash, seq = (start.hash, start.seq) if start else (GENESIS, 0)
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            yield Break(seq=seq, reason=f"entry {seq} is missing; the next one is {entry.seq}")
            seq = entry.seq
        if entry.prev_hash != prev_hash:
            yield Break(seq=entry.seq, reason="does not continue the entry before it")
        if entry.hash != link(
            prev_hash=entry.prev_hash, seq=entry.seq, recorded_at=entry.recorded_at, payload=entry.payload
        ):
            yield Break(seq=entry.seq, reason="was altered after it was written")
        prev_hash = entry.hash
