"""A migrated database with people and a policy, and the ways in which processes and entrances write to it."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from adapters.postgres.acts import NewAct, PostgresActs, TakenAct
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.people import PostgresPeople
from adapters.postgres.policies import PostgresPolicies
from adapters.postgres.register import PostgresRegister
from aims.acts import SignedAct
from aims.casefile import CaseView
from aims.dossier import DEPLOYMENT, USE
from aims.journal import Committed, Step, SystemChange
from aims.systems import Stage
from tests.builders import PEOPLE, entry, profile, snapshot, start, submission, vote

PATH = (Stage.RISK_ASSESSMENT, Stage.APPROVAL, Stage.DEPLOYMENT_SIGN_OFF)


@dataclass(frozen=True)
class Records:
    """The repositories on one database."""

    pool: asyncpg.Pool

    @property
    def ledger(self) -> PostgresLedger:
        """The record."""
        return PostgresLedger(self.pool)

    @property
    def acts(self) -> PostgresActs:
        """The acts."""
        return PostgresActs(self.pool)

    @property
    def register(self) -> PostgresRegister:
        """The reads."""
        return PostgresRegister(self.pool)

    @property
    def people(self) -> PostgresPeople:
        """The directory."""
        return PostgresPeople(self.pool)

    async def prepare(self) -> None:
        """Fill in the people and the policy."""
        await self.people.upsert(PEOPLE)
        await PostgresPolicies(self.pool).keep(snapshot())

    async def take(self, system: str, act: SignedAct, **changes: Any) -> TakenAct:
        """Store an act as the entrance does."""
        return await self.acts.take(
            NewAct(**{"idempotency_key": act.act.id, "signed": act, "system_key": system, **changes})
        )

    async def register_system(self, key: str, **changes: Any) -> None:
        """Start a life and let its process accept the start."""
        act = start(key)
        await self.take(key, act, profile=profile(key, **changes))
        await self.ledger.commit(Step(key="s", entries=[entry(f"{key}:start", key)], accepted_acts=[act.act.id]))

    async def accept(self, system: str, act: SignedAct, *, view: CaseView) -> Committed:
        """Store an act and let its process accept it."""
        await self.take(system, act)
        recorded = entry(f"{act.act.id}:accepted", system)
        return await self.ledger.commit(Step(key="a", entries=[recorded], case=view, accepted_acts=[act.act.id]))

    async def move(self, system: str, stage: Stage, **changes: Any) -> Committed:
        """Commit a move of the life cycle."""
        return await self.ledger.commit(move_step(system, stage, **changes))

    async def bring_to_the_gate(self, system: str, *votes: tuple[SignedAct, CaseView]) -> None:
        """Play a whole life up to the gate with these votes."""
        await self.register_system(system)
        for act, view in (submission(system, "risk-assessment"), submission(system, "go-live"), *votes):
            await self.accept(system, act, view=view)
        for stage in PATH:
            await self.move(system, stage)

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608  # a name from the test


def good_votes(system: str) -> list[tuple[SignedAct, CaseView]]:
    """Return the votes that open the gate."""
    return [vote(system, USE, person="lena"), vote(system, DEPLOYMENT, person="olga")]


def move_step(system: str, stage: Stage, *, key: str = "", **changes: Any) -> Step:
    """Return the step of a move; one key for each stage unless another is given."""
    change = SystemChange(key=system, stage=stage, policy_digest=snapshot().digest, **changes)
    name = key or f"system:{system}:{stage}"
    return Step(key=name, entries=[entry(name, system, kind="approved")], system=change)
