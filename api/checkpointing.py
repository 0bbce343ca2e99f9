"""Checkpoints of the ledger, signed while the api runs: after every entry into operation, else once a minute.

Nothing is signed that does not continue what was signed before: two versions of one ledger never get a signature.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.checkpoint_files import CheckpointFiles
from adapters.faults import Fault
from adapters.postgres.chain import PostgresChain
from adapters.postgres.ledger import PostgresLedger
from aims.acts import VerifyKeys, verify_keys_of
from aims.checkpoints import Checkpoint, opened_note, signed_note
from aims.errors import Invalid, InvalidTransition
from aims.inspection import Inspection

EVERY = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=3)
_AT_ONCE = '"kind":"operation_entered"'  # in canonical JSON; found elsewhere it only makes one checkpoint early
log = structlog.get_logger("aims.checkpoints")


@dataclass
class Checkpointing:
    """Follows the ledger and signs what it sees; `keys` are those whose earlier checkpoints count, beside its own."""

    ledger: PostgresLedger
    chain: PostgresChain
    files: CheckpointFiles
    key: Ed25519PrivateKey
    keys: VerifyKeys
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._seen: Inspection | None = None
        self._signed_at = float("-inf")
        self._signed_size = 0
        self._urgent = False

    async def write_for_ever(self) -> None:
        """Write a checkpoint whenever one is due, until cancelled."""
        while True:
            pause = _LOOK_EVERY
            try:
                await self.write_when_due()
            except Fault as fault:
                log.warning("no checkpoint written yet", problem=str(fault))
            except InvalidTransition as rule:
                log.critical("ledger does not hold, nothing is signed", problem=rule.sentence)
                pause = EVERY
            await asyncio.sleep(pause.total_seconds())

    async def write_when_due(self) -> Checkpoint | None:
        """Write a checkpoint when the ledger grew and a minute has passed, or a system entered operation.

        Raises:
            InvalidTransition: When the ledger does not continue what was signed before.

        """
        seen = await self._followed()
        waited = self.clock() - self._signed_at >= EVERY.total_seconds()
        due = seen.size > self._signed_size and (self._urgent or waited)
        return await self._sign(seen) if due else None

    async def write_now(self) -> Checkpoint:
        """Write a checkpoint of the ledger as it is; the one of this size stands when there is one.

        Raises:
            InvalidTransition: When the ledger does not continue what was signed before.

        """
        return await self._sign(await self._followed())

    async def newest(self) -> Checkpoint | None:
        """Return the largest checkpoint that a known key signed."""
        for size in reversed(await asyncio.to_thread(self.files.sizes)):
            try:
                return opened_note(await asyncio.to_thread(self.files.read, size), self._known())
            except Invalid as rule:
                log.warning("a checkpoint does not count", size=size, problem=rule.sentence)
        return None

    async def _followed(self) -> Inspection:
        """Return the inspection after everything that the ledger holds now."""
        if self._seen is None:
            before = await self.newest()
            self._signed_size = before.size if before else 0
            self._seen = Inspection([before] if before else [])
        head = await self.chain.remembered_head()
        async for entry in self.ledger.stream(self._seen.last.seq if self._seen.last else 0):
            if entry.seq > head[0]:
                break
            self._seen.take(entry)
            self._urgent = self._urgent or _AT_ONCE in entry.payload
        self._seen.meet(*head)
        found = self._seen.close()
        if found:
            raise InvalidTransition(f"{found[0].sentence()} No checkpoint is signed. Run `aims ledger verify`.")
        return self._seen

    async def _sign(self, seen: Inspection) -> Checkpoint:
        checkpoint = seen.checkpoint()
        if await asyncio.to_thread(self.files.add, checkpoint.size, signed_note(checkpoint, self.key)):
            log.info("checkpoint written", size=checkpoint.size)
        self._signed_size, self._signed_at, self._urgent = checkpoint.size, self.clock(), False
        return checkpoint

    def _known(self) -> VerifyKeys:
        return {**self.keys, **verify_keys_of(self.key.public_key())}
