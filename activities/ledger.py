"""Effects on the record: every step of a process is written here, once."""

from dataclasses import dataclass

from pydantic import Field
from temporalio import activity

from activities.ports import Ledger, People, Register
from aims.acts import VerifyKeys
from aims.approval import Panel, roles_of
from aims.dossier import Standing
from aims.journal import Committed, Step
from aims.openings import AssignmentOpening, StageOpening
from aims.record import PersonId, Record


class OperationEntry(Record):
    """The step that brings a system into operation, and the keys under which signed acts count."""

    step: Step
    keys: VerifyKeys


class Asked(Record):
    """Who is asked after an assignment was opened."""

    people: list[PersonId] = Field(default_factory=list)


@dataclass(frozen=True)
class LedgerActivities:
    """Writes steps; each method may be repeated without a second effect."""

    ledger: Ledger
    people: People
    register: Register

    @activity.defn
    async def commit_step(self, step: Step) -> Committed:
        """Write a step of a process whole, or nothing."""
        return await self.ledger.commit(step)

    @activity.defn
    async def open_approval_stage(self, opening: StageOpening) -> Panel:
        """Resolve who is asked in a stage at this moment, and record it."""
        holders = await self.people.holders(roles_of(opening.stage))
        panel, step = opening.step(holders)
        committed = await self.ledger.commit(step)
        if committed.written:
            return panel
        stored = await self.register.case(opening.identity.id)
        return next(known for known in stored.panels if known.stage == opening.stage.id)

    @activity.defn
    async def open_assignment(self, opening: AssignmentOpening) -> Asked:
        """Resolve who owes a form at this moment, and record it."""
        holders = await self.people.holders(opening.roles())
        people, step = opening.step(holders)
        committed = await self.ledger.commit(step)
        if committed.written:
            return Asked(people=people)
        return Asked(people=(await self.register.case(opening.identity.id)).people)

    @activity.defn
    async def enter_operation(self, entry: OperationEntry) -> Standing:
        """Count the signed acts again from the record and let the system into operation only when they add up."""
        return await self.ledger.enter_operation(entry.step, entry.keys)
