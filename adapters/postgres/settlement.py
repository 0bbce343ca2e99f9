"""How an act ends: accepted by its process or refused, once."""

import asyncpg

from aims.errors import InvalidTransition
from aims.journal import Step

ACCEPT_ACT = """
    UPDATE act SET state = 'accepted', settled_at = clock_timestamp(), settled_no = nextval('act_settled_no')
    WHERE id = $1 AND system_key = $2 AND state = 'pending' RETURNING id
"""
ACT_ACCEPTED = "SELECT id FROM act WHERE id = $1 AND system_key = $2 AND state = 'accepted'"
REFUSE_ACT = """
    UPDATE act SET state = 'refused', rule = $2, sentence = $3, settled_at = clock_timestamp()
    WHERE id = $1 AND state = 'pending' RETURNING id
"""


async def accept_acts(connection: asyncpg.Connection, step: Step) -> None:
    """Accept the acts that a step answers, in their order, under the lock of their system.

    Raises:
        InvalidTransition: When an act is not stored for the system or was refused.

    """
    key = step.entries[0].system
    for act in step.accepted_acts:
        if await connection.fetchrow(ACCEPT_ACT, act, key) or await connection.fetchrow(ACT_ACCEPTED, act, key):
            continue
        raise InvalidTransition(f"The act {act} is not stored for the AI system {key}, or was refused.")


async def refuse_pending(connection: asyncpg.Connection, act: str, *, rule: str, sentence: str) -> bool:
    """Refuse a pending act, and return whether it was pending."""
    return await connection.fetchval(REFUSE_ACT, act, rule, sentence) is not None
