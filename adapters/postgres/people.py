"""The directory of the organisation in PostgreSQL: people, their roles, their Slack accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from adapters.postgres.pool import translate_faults
from adapters.postgres.transactions import transaction
from aims.people import Members, Person
from aims.record import PersonId, RoleId

HOLDERS = "SELECT id, roles FROM person WHERE active AND roles && $1::text[] ORDER BY id"
# Nobody loses a role between being counted and the commit.
HOLDERS_HELD_STILL = f"{HOLDERS} FOR SHARE"
PERSONS = "SELECT id, name, email, roles, manager, active FROM person WHERE id = ANY($1::text[]) ORDER BY id"
BY_EMAIL = "SELECT id, name, email, roles, manager, active FROM person WHERE email = lower($1) AND active"
OF_SLACK = """
    SELECT p.id, p.name, p.email, p.roles, p.manager, p.active
    FROM slack_identity s JOIN person p ON p.id = s.person_id
    WHERE s.enterprise_id = $1 AND s.team_id = $2 AND s.user_id = $3 AND p.active
"""
BIND_SLACK = """
    INSERT INTO slack_identity (enterprise_id, team_id, user_id, person_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT (enterprise_id, team_id, user_id) DO UPDATE SET person_id = EXCLUDED.person_id, verified_at = now()
"""
ROLES_OF = "SELECT roles FROM person WHERE id = $1 AND active"
KEEP_PERSON = """
    INSERT INTO person (id, name, email, roles, manager, active) VALUES ($1, $2, lower($3), $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email, roles = EXCLUDED.roles,
        manager = EXCLUDED.manager, active = EXCLUDED.active
"""
RETIRE_OTHERS = "UPDATE person SET active = false WHERE active AND id <> ALL($1::text[])"


@dataclass(frozen=True)
class PostgresPeople:
    """Fits the port `People`; also finds people by address and by Slack account. Only active people are found."""

    pool: asyncpg.Pool

    async def holders(self, roles: Sequence[RoleId]) -> list[Members]:
        """Return who holds each role now, in the order asked; people by id."""
        with translate_faults():
            return members(roles, await self.pool.fetch(HOLDERS, list(roles)))

    async def persons(self, ids: Sequence[PersonId]) -> list[Person]:
        """Return the people with these ids by id, inactive ones included; unknown ids are left out."""
        with translate_faults():
            return [Person(**row) for row in await self.pool.fetch(PERSONS, list(ids))]

    async def by_email(self, email: str) -> Person | None:
        """Return the active person with the address, in whatever case it is written."""
        return await self._one(BY_EMAIL, email)

    async def of_slack(self, enterprise: str, team: str, user: str, /) -> Person | None:
        """Return the active person who was bound to a Slack account; `enterprise` is empty when there is none."""
        return await self._one(OF_SLACK, enterprise, team, user)

    async def bind_slack(self, enterprise: str, team: str, user: str, person: PersonId, /) -> None:
        """Bind a Slack account to a person after their address was verified; the last binding counts."""
        with translate_faults():
            await self.pool.execute(BIND_SLACK, enterprise, team, user, person)

    async def roles_of(self, person: PersonId) -> list[RoleId]:
        """Return the roles that a person holds now; none when unknown or inactive."""
        with translate_faults():
            return await self.pool.fetchval(ROLES_OF, person) or []

    async def upsert(self, people: Sequence[Person]) -> None:
        """Make the directory say what the list says: people who are not in it become inactive."""
        rows = [(one.id, one.name, one.email, one.roles, one.manager, one.active) for one in people]
        async with transaction(self.pool) as connection:
            # In one order, so that two imports wait for each other and never in a circle.
            await connection.executemany(KEEP_PERSON, sorted(rows, key=lambda row: row[0]))
            await connection.execute(RETIRE_OTHERS, [one.id for one in people])

    async def _one(self, statement: str, *arguments: str) -> Person | None:
        with translate_faults():
            row = await self.pool.fetchrow(statement, *arguments)
        return Person(**row) if row else None


def members(roles: Iterable[RoleId], rows: Iterable[asyncpg.Record]) -> list[Members]:
    """Return the holders of each role from rows of (id, roles)."""
    known = list(rows)
    return [Members(role=role, people=[row["id"] for row in known if role in row["roles"]]) for role in roles]
