"""What one step of a process writes, all of it in one transaction or not at all."""

from datetime import datetime

from pydantic import Field

from aims.casefile import CaseView
from aims.evidence import Entry
from aims.record import Digest, Record, SystemKey
from aims.systems import Stage, Tier


class SystemChange(Record):
    """The fields of the register that a step changes; nothing is changed where a field is `None`.

    `clear_review` removes the next review date; it is the only field that a step can empty.
    """

    key: SystemKey
    stage: Stage | None = None
    tier: Tier | None = None
    risk_class: str | None = None
    findings: list[str] | None = None
    policy_digest: Digest | None = None
    next_review_at: datetime | None = None
    clear_review: bool = False


class Step(Record):
    """One step: its entries, the change of the register, the case it leaves, the acts it answers.

    `key` is the idempotency key (workflow id : logical step : cycle). Writing the same key again changes nothing.
    """

    key: str
    entries: list[Entry] = Field(min_length=1)
    system: SystemChange | None = None
    case: CaseView | None = None
    accepted_acts: list[str] = Field(default_factory=list)


class Committed(Record):
    """Where the entries of a step stand in the ledger, and whether this call wrote them."""

    seqs: list[int]
    written: bool
