"""Reminder, escalation and expiry of something that is owed. All durations are data."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from aims.record import Record


class Due(StrEnum):
    """What happens when nobody acts, in this order."""

    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


class Deadline(Record):
    """When what happens, counted from the opening of a step."""

    id: str
    remind_after: timedelta
    escalate_after: timedelta
    expire_after: timedelta
    clause: str = "7.4"
    owner: str
    rationale: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta(0) < self.remind_after < self.escalate_after < self.expire_after:
            raise ValueError("remind_after, escalate_after and expire_after must be positive and grow in this order")
        return self


class Clock(Record):
    """The running deadline of one open step."""

    opened_at: datetime
    rule: Deadline
    passed: list[Due] = Field(default_factory=list)

    @property
    def due_at(self) -> datetime:
        """Return the instant after which the step has expired."""
        return self.opened_at + self.rule.expire_after

    def next_due(self) -> tuple[Due, datetime] | None:
        """Return what happens next and when; nothing when all has passed."""
        after = {
            Due.REMIND: self.rule.remind_after,
            Due.ESCALATE: self.rule.escalate_after,
            Due.EXPIRE: self.rule.expire_after,
        }
        for due, delay in after.items():
            if due not in self.passed:
                return due, self.opened_at + delay
        return None

    def after(self, due: Due) -> "Clock":
        """Return the clock with one more event behind it."""
        return self.model_copy(update={"passed": [*self.passed, due]})
