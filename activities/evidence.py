"""Effects on stored evidence: the closing record of a system's life."""

import json
from dataclasses import dataclass

from temporalio import activity

from activities.ports import Objects, Register
from aims.record import Digest, SystemKey, canonical


@dataclass(frozen=True)
class EvidenceActivities:
    """Archives what is known of a system when its life ends."""

    objects: Objects
    register: Register

    @activity.defn
    async def archive_case(self, system: SystemKey) -> Digest:
        """Store the register entry and the whole timeline as one content-addressed object; return its digest."""
        profile = await self.register.profile(system)
        timeline = [json.loads(payload) for payload in await self.register.timeline(system)]
        return await self.objects.put(canonical({"system": profile.model_dump(mode="json"), "timeline": timeline}))
