"""Every policy that ever decided a case, kept under its digest."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from adapters.postgres.pool import translate_faults
from aims.errors import NotFound, PolicyInvalid
from aims.policy.model import Policy, PolicySnapshot
from aims.record import Digest, Record, digest_of

KEEP_POLICY = "INSERT INTO policy (digest, document) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING"
READ_POLICY = "SELECT document FROM policy WHERE digest = $1"
LIST_POLICIES = "SELECT digest, first_used_at FROM policy ORDER BY first_used_at DESC, digest"


class KeptPolicy(Record):
    """A policy that was in force at some time."""

    digest: Digest
    first_used_at: datetime


@dataclass(frozen=True)
class PostgresPolicies:
    """Keeps policies; a policy once kept never changes."""

    pool: asyncpg.Pool

    async def keep(self, snapshot: PolicySnapshot) -> None:
        """Keep a policy; keeping it again changes nothing."""
        with translate_faults():
            await self.pool.execute(KEEP_POLICY, snapshot.digest, snapshot.policy.model_dump(mode="json"))

    async def read(self, digest: Digest) -> PolicySnapshot:
        """Return a kept policy.

        Raises:
            NotFound: When none is kept under the digest.
            PolicyInvalid: When what is kept is not what the digest says.

        """
        with translate_faults():
            return await read_policy(self.pool, digest)

    async def listed(self) -> list[KeptPolicy]:
        """Return all kept policies, the newest first."""
        with translate_faults():
            return [KeptPolicy(**row) for row in await self.pool.fetch(LIST_POLICIES)]


async def read_policy(source: asyncpg.Pool | asyncpg.Connection, digest: Digest) -> PolicySnapshot:
    """Return a kept policy over a pool or within a transaction; raises what `PostgresPolicies.read` raises."""
    document = await source.fetchval(READ_POLICY, digest)
    if document is None:
        raise NotFound(f"No policy is kept under {digest}.")
    # The document as kept is compared, not the value read from it: a newer release may know more fields.
    if digest_of(document) != digest:
        raise PolicyInvalid(f"The policy kept under {digest} was altered. Restore it from the record of its files.")
    return PolicySnapshot(digest=digest, policy=Policy.model_validate(document))
