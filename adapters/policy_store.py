"""The policy in force: read from files, kept under its digest; and the keys of the entrances."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from adapters.keys import verify_keys
from adapters.policy_files import PolicyFiles
from adapters.postgres.policies import PostgresPolicies
from aims.acts import VerifyKeys
from aims.policy.model import PolicySnapshot


@dataclass(frozen=True)
class FiledPolicies:
    """Policies of a folder. Files are read anew each time, so that a changed file rules the next case."""

    files: PolicyFiles
    kept: PostgresPolicies
    keys: Path

    async def in_force(self) -> PolicySnapshot:
        """Return the policy in force; its exact text is kept under its digest.

        Raises:
            aims.errors.PolicyInvalid: When the files are not usable.
        """
        policy = await asyncio.to_thread(self.files.read)
        snapshot = PolicySnapshot(digest=policy.digest(), policy=policy)
        await self.kept.keep(snapshot)
        return snapshot

    async def verify_keys(self) -> VerifyKeys:
        """Return the public keys whose signatures count."""
        return await asyncio.to_thread(verify_keys, self.keys)
