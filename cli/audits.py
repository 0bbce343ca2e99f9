"""The inspection of the ledger in the database: against its chain, its checkpoints and the acts behind decisions."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from adapters.checkpoint_files import CheckpointFiles
from adapters.postgres.chain import PostgresChain
from adapters.postgres.ledger import PostgresLedger
from aims.acts import VerifyKeys
from aims.checkpoints import Checkpoint
from aims.evidence import ChainedEntry
from aims.inspection import Finding, Inspection, sorted_out
from aims.receipts import Receipts, act_named


@dataclass(frozen=True)
class Audit:
    """What was read, how long that took, and what was found; the count goes on where findings are not kept."""

    entries: int
    head: str
    checkpoints: int
    seconds: float
    findings: list[Finding]
    count: int

    @property
    def per_second(self) -> int:
        """Entries read in a second."""
        return round(self.entries / self.seconds) if self.seconds else 0


@dataclass(frozen=True)
class Auditor:
    """Reads the ledger page by page, also while it grows; changes nothing. Without `acts` decisions are believed."""

    pool: asyncpg.Pool
    keys: VerifyKeys
    acts: bool = True

    async def audit(self, notes: Mapping[int, str]) -> Audit:
        """Inspect the ledger against notes by size; they must have been read before, so that they are not ahead."""
        genuine, wrong = sorted_out(notes, self.keys)
        return await self.compare(genuine, wrong)

    async def compare(self, checkpoints: list[Checkpoint], wrong: Sequence[Finding] = ()) -> Audit:
        """Inspect the ledger against checkpoints; what is wrong already comes first in the findings."""
        began = time.monotonic()
        inspection, chain = Inspection(checkpoints), PostgresChain(self.pool)
        accepted = await chain.accepted_acts() if self.acts else []
        receipts = Receipts(inspection, self.keys, accepted=accepted)
        await self._read(inspection, receipts)
        receipts.close()
        found = [*wrong, *inspection.close()]
        return Audit(
            entries=inspection.size,
            head=inspection.last.hash if inspection.last else "-",
            checkpoints=len(checkpoints),
            seconds=time.monotonic() - began,
            findings=found,
            count=len(wrong) + inspection.count,
        )

    async def _read(self, inspection: Inspection, receipts: Receipts) -> None:
        ledger, chain = PostgresLedger(self.pool), PostgresChain(self.pool)
        while True:
            # The remembered end is read before the page: an empty page then says that nothing came after it.
            head = await chain.remembered_head()
            page = await ledger.entries(inspection.last.seq if inspection.last else 0)
            if not page:
                inspection.meet(*head)
                return
            await self._take(page, inspection, receipts=receipts)

    async def _take(self, page: list[ChainedEntry], inspection: Inspection, *, receipts: Receipts) -> None:
        chain, before = PostgresChain(self.pool), inspection.last.seq if inspection.last else 0
        for entry in page:
            inspection.take(entry)
        for seq in await chain.astray(before, page[-1].seq):
            inspection.find(
                "filed", seq, reason="is filed under a key, system, case, kind or time that it does not say"
            )
        decisions = receipts.decisions(page)
        if self.acts:
            receipts.check(decisions, await chain.kept_acts([act_named(one) for one in decisions.values()]))


def read_notes(files: CheckpointFiles) -> dict[int, str]:
    """Return every kept note by its size."""
    return {size: files.read(size) for size in files.sizes()}
