"""Reads of what the record says now: systems, cases, votes, submissions, timelines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from adapters.postgres.acts import ACT, StoredAct
from adapters.postgres.pool import translate_faults
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.errors import NotFound
from aims.record import PersonId, Record, SystemKey
from aims.systems import Stage, SystemProfile, Tier

SYSTEM = """
    SELECT key, name, purpose, owner, requester, unit, stage, tier, risk_class, findings, policy_digest, waiting_for,
        due_at, next_review_at, requested_at, updated_at
    FROM ai_system
"""
SYSTEM_OF_KEY = f"{SYSTEM} WHERE key = $1"
SYSTEMS_OWNED = f"{SYSTEM} WHERE owner = $1 ORDER BY key"
SYSTEMS_PAGE = f"""{SYSTEM}
    WHERE key > $1
        AND ($3::text IS NULL OR stage = $3)
        AND ($4::text IS NULL OR tier = $4)
        AND ($5::text IS NULL OR risk_class = $5)
        AND ($6::text IS NULL OR owner = $6)
        AND (NOT $7::boolean OR due_at < now() OR next_review_at < now())
        AND ($8::text = '' OR position(lower($8) IN lower(concat_ws(' ', key, name, purpose))) > 0)
    ORDER BY key LIMIT $2
"""
CASE_VIEW = "SELECT view FROM process_case WHERE id = $1"
CASES_OWED = "SELECT view FROM process_case WHERE open AND pending @> ARRAY[$1::text] ORDER BY due_at, id"
CASES_OF_SYSTEM = "SELECT view FROM process_case WHERE system_key = $1 ORDER BY view ->> 'opened_at', id"
TIMELINE = "SELECT payload FROM ledger_entry WHERE system = $1 ORDER BY seq"
VOTES = """
    SELECT signed #>> '{act,step}' AS stage, person_id AS person, signed #>> '{act,verdict}' AS verdict,
        signed #>> '{act,at}' AS at, coalesce(content ->> 'reason', '') AS reason
    FROM act WHERE case_id = $1 AND kind = 'vote' AND state = 'accepted' ORDER BY settled_no
"""
SUBMISSION = """
    SELECT content FROM act WHERE case_id = $1 AND kind = 'submission' AND state = 'accepted'
    ORDER BY settled_no DESC LIMIT 1
"""
ACT_OF_ID = f"{ACT} WHERE id = $1"


class SystemFilter(Record):
    """Which systems to list; what is not given does not filter. `q` is looked for in key, name and purpose."""

    stage: Stage | None = None
    tier: Tier | None = None
    risk_class: str | None = None
    owner: PersonId | None = None
    overdue: bool = False
    q: str = ""


class ReasonedVote(Record):
    """An accepted vote with the reason that the person gave; free text, for people who may see the case."""

    stage: str
    person: PersonId
    verdict: Verdict
    at: datetime
    reason: str


@dataclass(frozen=True)
class PostgresRegister:
    """Fits the port `Register`; also lists for people. Nothing here decides who may see what."""

    pool: asyncpg.Pool

    async def profile(self, key: SystemKey) -> SystemProfile:
        """Return a system as registered.

        Raises:
            NotFound: When there is none.

        """
        rows = await self._rows(SYSTEM_OF_KEY, key)
        if not rows:
            raise NotFound(f"There is no AI system with the key {key}.")
        return SystemProfile(**rows[0])

    async def systems(
        self, wanted: SystemFilter, after: SystemKey | None = None, *, limit: int = 50
    ) -> list[SystemProfile]:
        """Return a page of systems by key, those after a key; a system keeps its place whatever happens to others."""
        choice = (wanted.stage, wanted.tier, wanted.risk_class, wanted.owner, wanted.overdue, wanted.q)
        return [SystemProfile(**row) for row in await self._rows(SYSTEMS_PAGE, after or "", limit, *choice)]

    async def owned(self, person: PersonId) -> list[SystemProfile]:
        """Return the systems that a person owns, by key."""
        return [SystemProfile(**row) for row in await self._rows(SYSTEMS_OWNED, person)]

    async def case(self, case: str) -> CaseView:
        """Return a case as it stands.

        Raises:
            NotFound: When there is none.

        """
        views = await self._views(CASE_VIEW, case)
        if not views:
            raise NotFound(f"There is no case {case}.")
        return views[0]

    async def owed(self, person: PersonId) -> list[CaseView]:
        """Return the open cases in which a person owes something now, the most urgent first."""
        return await self._views(CASES_OWED, person)

    async def cases_of(self, key: SystemKey) -> list[CaseView]:
        """Return all cases of a system, oldest first."""
        return await self._views(CASES_OF_SYSTEM, key)

    async def timeline(self, key: SystemKey) -> Sequence[str]:
        """Return the canonical payloads of a system's ledger entries, oldest first."""
        return [row["payload"] for row in await self._rows(TIMELINE, key)]

    async def votes_with_reasons(self, case: str) -> list[ReasonedVote]:
        """Return the accepted votes of a case with their reasons, in the order of acceptance."""
        return [ReasonedVote(**row) for row in await self._rows(VOTES, case)]

    async def submission(self, case: str) -> dict[str, Any] | None:
        """Return the content of a case's accepted submission, free text included."""
        rows = await self._rows(SUBMISSION, case)
        return rows[0]["content"] if rows else None

    async def act(self, act: str) -> StoredAct:
        """Return an act as stored.

        Raises:
            NotFound: When there is none.

        """
        rows = await self._rows(ACT_OF_ID, act)
        if not rows:
            raise NotFound(f"There is no act {act}.")
        return StoredAct(**rows[0])

    async def _rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        with translate_faults():
            rows: list[asyncpg.Record] = await self.pool.fetch(statement, *arguments)
        return rows

    async def _views(self, statement: str, argument: str) -> list[CaseView]:
        return [CaseView.model_validate(row["view"]) for row in await self._rows(statement, argument)]
