"""The inspection of a ledger: one pass over its entries that compares them with its chain and its checkpoints."""

from collections.abc import Mapping, Sequence

from aims.acts import VerifyKeys
from aims.checkpoints import Checkpoint, opened_note
from aims.errors import Invalid
from aims.evidence import GENESIS, ChainedEntry, breaks
from aims.merkle import Frontier
from aims.record import Record

MOST_FINDINGS = 1000
"""Findings that are kept in words; a ledger that was altered throughout needs no longer list."""


class Finding(Record):
    """Something that does not hold: of what kind, at which entry or size, and what is wrong there."""

    kind: str
    seq: int
    reason: str

    def sentence(self) -> str:
        """Return the finding in a sentence for people."""
        subjects = {"checkpoint": f"The checkpoint of {self.seq} entries", "unrecorded": "An entry"}
        return f"{subjects.get(self.kind, f'Entry {self.seq}')} {self.reason}."


class Inspection:
    """Takes entries, oldest first. `count` says how much was found, `last` is the entry taken last."""

    def __init__(self, checkpoints: Sequence[Checkpoint] = ()) -> None:
        self.count = 0
        self.last: ChainedEntry | None = None
        self._found: list[Finding] = []
        self._tree = Frontier()
        self._ahead = sorted(checkpoints, key=lambda one: one.size)
        self._differing: list[Checkpoint] = []
        self._holding = -1
        self._compare()

    @property
    def size(self) -> int:
        """How many entries were taken."""
        return self._tree.size

    def take(self, entry: ChainedEntry) -> None:
        """Take the next entry."""
        for one in breaks([entry], start=self.last):
            self.find("chain", one.seq, reason=one.reason)
        self._tree.add(leaf_of(entry.hash))
        self.last = entry
        self._compare()

    def find(self, kind: str, seq: int, *, reason: str) -> None:
        """Note something that does not hold."""
        self.count += 1
        if self.count <= MOST_FINDINGS:
            self._found.append(Finding(kind=kind, seq=seq, reason=reason))

    def checkpoint(self) -> Checkpoint:
        """Return what the ledger is after the entries taken so far."""
        return Checkpoint(size=self.size, root=self._tree.root().hex(), head=_hash_of(self.last))

    def meet(self, seq: int, head: str) -> None:
        """Compare the entry taken last with the end of the chain that the database remembers."""
        if (self.last.seq if self.last else 0, _hash_of(self.last)) != (seq, head):
            self.find("head", seq, reason="is not the last entry, although the ledger remembers it as its head")

    def close(self) -> list[Finding]:
        """Judge the checkpoints that the ledger did not meet, and return everything found."""
        for one in self._differing:
            self._judge(one)
        for one in self._ahead:
            said = f"a checkpoint covers {one.size} entries and the ledger has {self.size}"
            self.find("truncated", one.size, reason=f"is gone: {said}; its end was cut off, or an old backup restored")
        self._differing, self._ahead = [], []
        return self._found

    def _compare(self) -> None:
        while self._ahead and self._ahead[0].size == self.size:
            one = self._ahead.pop(0)
            if one == self.checkpoint():
                self._holding = one.size
            else:
                self._differing.append(one)

    def _judge(self, one: Checkpoint) -> None:
        if one.size <= self._holding:
            said = f"at {one.size} and {self._holding} entries do not extend one another; two ledgers were signed"
            self.find("fork", one.size, reason=f"is in two versions: checkpoints {said}")
        else:
            said = "this many entries had another root when they were signed"
            self.find("rewritten", one.size, reason=f"or one before it was rewritten: {said}")


def sorted_out(notes: Mapping[int, str], keys: VerifyKeys) -> tuple[list[Checkpoint], list[Finding]]:
    """Return the checkpoints of notes that are kept by size, and what is wrong with the notes that are none."""
    genuine, wrong = [], []
    for size, note in notes.items():
        try:
            checkpoint = opened_note(note, keys)
        except Invalid as rule:
            wrong.append(Finding(kind="checkpoint", seq=size, reason=f"does not count: {rule.sentence.rstrip('.')}"))
            continue
        if checkpoint.size == size:
            genuine.append(checkpoint)
        else:
            wrong.append(Finding(kind="checkpoint", seq=size, reason=f"speaks of {checkpoint.size} entries"))
    return genuine, wrong


def leaf_of(entry_hash: str) -> bytes:
    """Return what the Merkle tree holds of an entry: the 64 characters of its hash."""
    return entry_hash.encode()


def _hash_of(entry: ChainedEntry | None) -> str:
    return entry.hash if entry else GENESIS
