"""The messenger when no workspace is configured: people read their cases on the desk page and through REST."""

# ruff: noqa: ARG002  # the port gives what a workspace would need

import hashlib
from datetime import datetime

from aims.conversation import Card, MessageRef

CHANNEL = "desk"


class DeskMessenger:
    """Sends nothing. A message exists as the effect that was recorded for it, named by its marker."""

    async def post(self, to: str, card: Card, *, marker: str, thread: MessageRef | None = None) -> MessageRef:
        """Return where the message would stand: the same place for the same marker."""
        return MessageRef(channel=CHANNEL, ts=hashlib.sha256(marker.encode()).hexdigest()[:32])

    async def find(self, to: str, *, marker: str, since: datetime) -> MessageRef | None:
        """Return nothing: posting again is harmless here."""
        return None

    async def edit(self, ref: MessageRef, card: Card, *, marker: str) -> None:
        """Change nothing: the desk page shows the case as it stands."""
