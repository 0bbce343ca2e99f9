"""What the port `People` promises, in memory and in PostgreSQL."""

import asyncpg
import pytest

from activities.ports import People
from adapters.postgres.people import PostgresPeople
from aims.people import Members
from tests.builders import PEOPLE
from tests.contracts.people import MemoryPeople

GONE = [one.model_copy(update={"active": one.id != "leo"}) for one in PEOPLE]


@pytest.fixture(params=["memory", "postgres"])
async def people(request: pytest.FixtureRequest, pool: asyncpg.Pool) -> People:
    """Return the directory in which Leo has left."""
    if request.param == "memory":
        return MemoryPeople(GONE)
    real = PostgresPeople(pool)
    await real.upsert(GONE)
    return real


async def test_holders_come_in_the_order_asked_and_without_those_who_left(people: People) -> None:
    held = await people.holders(["lead", "nobody", "assessor"])
    assert held == [
        Members(role="lead", people=["lena"]),
        Members(role="nobody", people=[]),
        Members(role="assessor", people=["ada", "lena"]),
    ]


async def test_people_are_found_by_id_even_when_they_left(people: People) -> None:
    found = await people.persons(["leo", "rita", "unknown"])
    assert sorted(one.id for one in found) == ["leo", "rita"]
    assert next(one for one in found if one.id == "rita") == PEOPLE[0]
