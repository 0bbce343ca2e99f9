"""Persons, roles and separation of duties. Source: ISO/IEC 42001:2023, 5.3 and A.3.2."""

from collections.abc import Collection, Sequence

from pydantic import Field

from aims.errors import SeparationOfDutiesViolated
from aims.record import PersonId, Record, RoleId

ADMINISTRATOR: RoleId = "administrator"
AUDITOR: RoleId = "auditor"


class Person(Record):
    """A person of the organisation as the directory knows them; never part of a workflow's payload."""

    id: PersonId
    name: str
    email: str
    roles: list[RoleId] = Field(default_factory=list)
    manager: PersonId | None = None
    active: bool = True


class Members(Record):
    """Who holds a role at the moment of asking, in a stable order."""

    role: RoleId
    people: list[PersonId]


def without(people: Sequence[PersonId], excluded: Collection[PersonId]) -> list[PersonId]:
    """Return the people who may decide: those who took no part in what is decided."""
    return [person for person in people if person not in excluded]


def refuse_own_case(person: PersonId, excluded: Collection[PersonId]) -> None:
    """Let only a person decide who took no part in what is decided.

    Raises:
        SeparationOfDutiesViolated: When the person is requester, owner or author.

    """
    if person in excluded:
        raise SeparationOfDutiesViolated(
            "You requested, own or wrote part of what is decided here, so somebody else has to decide."
        )
