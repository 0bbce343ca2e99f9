"""An effect on the outside that is meant to happen once. Source: reliability 4.1."""

from datetime import datetime, timedelta

from aims.record import Record


class Intent(Record):
    """An effect that is meant to happen once: its state decides what may be done next.

    `state` is the one before this claim: `new` leaves nothing in doubt, `sending` means that an earlier attempt may
    have happened and has to be looked up first, `done` carries the result. `fence` grows with every attempt; only the
    holder of the newest fence may call out. `quiet_for` is how long an attempt in doubt has to settle still.
    """

    key: str
    state: str
    fence: int
    claimed: bool
    quiet_for: timedelta
    started_at: datetime
    result: str | None = None
