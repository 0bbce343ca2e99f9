"""What a step changes of the register and of its case, within the transaction that records it."""

from datetime import datetime
from enum import StrEnum

import asyncpg

from aims.errors import ApprovalNotEvidenced, InvalidTransition
from aims.journal import Step, SystemChange
from aims.record import Digest, Record, SystemKey
from aims.systems import Stage, checked_move

# Other writers of the row wait; rows that merely refer to it do not.
LOCK_SYSTEM = "SELECT key, stage, policy_digest, admitted_at FROM ai_system WHERE key = $1 FOR NO KEY UPDATE"
WRITE_CASE = """
    INSERT INTO process_case (id, system_key, process, subject, open, outcome, due_at, pending, view)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET open = EXCLUDED.open, outcome = EXCLUDED.outcome, due_at = EXCLUDED.due_at,
        pending = EXCLUDED.pending, view = EXCLUDED.view
"""
WRITE_SYSTEM = """
    UPDATE ai_system SET
        stage = coalesce($2, stage), tier = coalesce($3, tier), risk_class = coalesce($4, risk_class),
        findings = coalesce($5::text[], findings), policy_digest = coalesce($6, policy_digest),
        next_review_at = CASE WHEN $8::boolean THEN NULL ELSE coalesce($7::timestamptz, next_review_at) END,
        admitted_at = CASE $9::text WHEN 'given' THEN now() WHEN 'lost' THEN NULL ELSE admitted_at END,
        waiting_for = ARRAY(
            SELECT DISTINCT role FROM process_case c, jsonb_array_elements_text(c.view -> 'waiting_for') AS role
            WHERE c.system_key = $1 AND c.open ORDER BY role),
        due_at = (SELECT min(c.due_at) FROM process_case c WHERE c.system_key = $1 AND c.open),
        updated_at = now()
    WHERE key = $1
"""

_ASSESSED_ANEW = (Stage.INTAKE, Stage.RISK_ASSESSMENT)


class Admission(StrEnum):
    """What a step does to the admission to operation."""

    KEPT = "kept"
    GIVEN = "given"
    LOST = "lost"


class LockedSystem(Record):
    """A system of the register that nobody else changes until the transaction ends."""

    key: SystemKey
    stage: Stage
    policy_digest: Digest | None
    admitted_at: datetime | None


async def lock_system(connection: asyncpg.Connection, step: Step) -> LockedSystem:
    """Return the one system that a step is about, held still.

    Raises:
        InvalidTransition: When it is not registered, or the step speaks of several.

    """
    key = step.entries[0].system
    named = {entry.system for entry in step.entries} | {part.key for part in [step.system] if part}
    if named != {key} or (step.case and step.case.system != key):
        raise InvalidTransition(f"The step {step.key} speaks of several AI systems; a step changes one.")
    row = await connection.fetchrow(LOCK_SYSTEM, key)
    if row is None:
        raise InvalidTransition(f"The AI system {key} is not registered. Start its life cycle first.")
    return LockedSystem(**row)


def admission_of(system: LockedSystem, change: SystemChange | None, *, counted: bool = False) -> Admission:
    """Return what a change does to the admission; `counted` says that the gate's count was just passed.

    Raises:
        InvalidTransition: When the life cycle has no such move, or the count was not for a move into operation.
        ApprovalNotEvidenced: When it moves into operation without an admission.

    """
    stage = change.stage if change and change.stage else system.stage
    if stage is not system.stage:
        checked_move(system.stage, stage)
    if counted:
        if stage is not Stage.IN_OPERATION:
            raise InvalidTransition(f"The gate leads into operation, not to {stage}.")
        return Admission.GIVEN
    if stage is Stage.IN_OPERATION and system.admitted_at is None:
        raise ApprovalNotEvidenced(f"The AI system {system.key} enters operation only through the gate.")
    return Admission.LOST if stage in _ASSESSED_ANEW else Admission.KEPT


async def write_case(connection: asyncpg.Connection, step: Step) -> None:
    """Keep the view that a step leaves of its case."""
    view = step.case
    if view is None:
        return
    await connection.execute(
        WRITE_CASE,
        view.id,
        view.system,
        view.process,
        view.subject,
        view.open,
        view.outcome,
        view.due_at,
        view.pending,
        view.model_dump(mode="json"),
    )


async def write_system(connection: asyncpg.Connection, step: Step, *, admission: Admission) -> None:
    """Change the register; what the system waits for follows from its open cases."""
    change = step.system or SystemChange(key=step.entries[0].system)
    await connection.execute(
        WRITE_SYSTEM,
        change.key,
        change.stage,
        change.tier,
        change.risk_class,
        change.findings,
        change.policy_digest,
        change.next_review_at,
        change.clear_review,
        admission,
    )
