"""Everything that the gate before operation counts, read and held still within one transaction."""

from collections.abc import Iterable

import asyncpg

from adapters.postgres.people import HOLDERS_HELD_STILL, members
from adapters.postgres.policies import read_policy
from aims.approval import ApprovalRule
from aims.errors import ApprovalNotEvidenced
from aims.gate import GateCase, RecordedAct
from aims.record import Digest, RoleId, SystemKey

REQUESTER_AND_OWNER = "SELECT requester, owner FROM ai_system WHERE key = $1"
# The case is the one that was signed; an act whose case was never recorded counts for nothing.
ACCEPTED_ACTS = """
    SELECT a.signed,
        CASE a.kind WHEN 'start' THEN 'lifecycle' ELSE c.process END AS process,
        coalesce(c.subject, '') AS subject,
        c.view #>> '{form,purpose}' AS purpose
    FROM act a LEFT JOIN process_case c ON c.id = a.case_id AND c.system_key = a.system_key
    WHERE a.system_key = $1 AND a.state = 'accepted'
        AND (a.kind = 'start' OR a.kind IN ('vote', 'submission') AND c.id IS NOT NULL)
    ORDER BY a.settled_no
"""


async def read_gate_case(connection: asyncpg.Connection, key: SystemKey, *, policy_digest: Digest | None) -> GateCase:
    """Return the gate's case of a registered system; roles cannot change until the transaction ends.

    Raises:
        ApprovalNotEvidenced: When no policy is named.
        NotFound: When the policy is not kept.

    """
    if policy_digest is None:
        raise ApprovalNotEvidenced("No policy says which approvals this AI system needs.")
    snapshot = await read_policy(connection, policy_digest)
    roles = voting_roles(snapshot.policy.approvals)
    people = await connection.fetchrow(REQUESTER_AND_OWNER, key)
    return GateCase(
        system=key,
        requester=people["requester"],
        owner=people["owner"],
        snapshot=snapshot,
        acts=[RecordedAct.model_validate(dict(row)) for row in await connection.fetch(ACCEPTED_ACTS, key)],
        holders=members(roles, await connection.fetch(HOLDERS_HELD_STILL, roles)),
    )


def voting_roles(approvals: Iterable[ApprovalRule]) -> list[RoleId]:
    """Return every role that votes under these rules, escalation included, each once."""
    groups = [group for rule in approvals for stage in rule.stages for group in stage.groups]
    named = [role for group in groups for role in (group.role, group.escalate_to) if role]
    return list(dict.fromkeys(named))
