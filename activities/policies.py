"""Effects that read what the organisation decided."""

from dataclasses import dataclass

from temporalio import activity

from activities.ports import Policies
from aims.acts import VerifyKeys
from aims.policy.model import PolicySnapshot
from aims.record import Record


class CaseBasis(Record):
    """What a case is decided by: the exact policy in force at its start, and the keys of the entrances."""

    snapshot: PolicySnapshot
    keys: VerifyKeys


@dataclass(frozen=True)
class PolicyActivities:
    """Reads the policy in force; it is kept under its digest."""

    policies: Policies

    @activity.defn
    async def read_case_basis(self) -> CaseBasis:
        """Return the policy in force and the keys of the entrances."""
        return CaseBasis(snapshot=await self.policies.in_force(), keys=await self.policies.verify_keys())

    @activity.defn
    async def read_verify_keys(self) -> VerifyKeys:
        """Return the keys of the entrances that count now, so that a rotated key takes effect between two runs."""
        return await self.policies.verify_keys()
