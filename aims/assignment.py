"""Someone owes a submission by a date. Source: ISO/IEC 42001:2023, 5.3."""

from enum import StrEnum

from pydantic import Field

from aims.errors import Closed, NotAssigned
from aims.forms import Facts, Form
from aims.record import Digest, PersonId, Record


class AssignmentOutcome(StrEnum):
    """How an assignment stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Assigned(Record):
    """The open or closed state of one assignment; any of the people may submit."""

    form: Form
    people: list[PersonId] = Field(default_factory=list)
    outcome: AssignmentOutcome = AssignmentOutcome.OPEN
    author: PersonId | None = None
    act: str | None = None
    digest: Digest | None = None
    facts: Facts = Field(default_factory=dict)

    def check(self, person: PersonId) -> None:
        """Let a submission pass that this person owes now.

        Raises:
            Closed: When the assignment has ended.
            NotAssigned: When the person is not asked.

        """
        if self.outcome is not AssignmentOutcome.OPEN:
            raise Closed(f"This is already closed: {self.outcome}. Nothing was changed.")
        if person not in self.people:
            raise NotAssigned("This is not assigned to you, so nothing was changed.")

    def submitted(self, *, person: PersonId, act: str, digest: Digest, facts: Facts) -> "Assigned":
        """Return the assignment closed by a submission."""
        self.check(person)
        return self.model_copy(
            update={
                "outcome": AssignmentOutcome.SUBMITTED,
                "author": person,
                "act": act,
                "digest": digest,
                "facts": facts,
            }
        )

    def closed(self, outcome: AssignmentOutcome) -> "Assigned":
        """Return the assignment ended from outside: expired or withdrawn."""
        return self.model_copy(update={"outcome": outcome})
