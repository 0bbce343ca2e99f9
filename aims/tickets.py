"""What a ticketing system is asked to hold, in words that every tracker knows."""

from enum import StrEnum

from aims.record import Record


class TicketDraft(Record):
    """What a new ticket says."""

    title: str
    body: str
    labels: list[str]


class TicketRef(Record):
    """A ticket as its tracker names it, and where people open it."""

    tracker: str
    id: str
    url: str = ""


class TicketState(StrEnum):
    """The states that every tracker can show."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"
