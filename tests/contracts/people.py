"""The directory in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from aims.people import Members, Person
from aims.record import PersonId, RoleId


@dataclass(frozen=True)
class MemoryPeople:
    """Fits the port `People`."""

    known: Sequence[Person]

    async def holders(self, roles: Sequence[RoleId]) -> list[Members]:
        """Return who holds each role."""
        active = sorted((one for one in self.known if one.active), key=lambda one: one.id)
        return [Members(role=role, people=[one.id for one in active if role in one.roles]) for role in roles]

    async def persons(self, ids: Sequence[PersonId]) -> list[Person]:
        """Return the people with these ids."""
        return [one for one in self.known if one.id in ids]
