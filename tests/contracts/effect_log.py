"""The rows behind outside effects, in memory, on a clock that tests move."""

from dataclasses import dataclass, field
from datetime import timedelta

from adapters.faults import TransientFault
from aims.effects import Intent
from tests.builders import NOON


@dataclass
class MemoryEffects:
    """Fits the port `EffectLog`."""

    rows: dict[str, Intent] = field(default_factory=dict)
    about: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def claim(self, key: str, *, kind: str, case: str, quiet: timedelta) -> Intent:
        """Claim the next attempt."""
        fresh = Intent(key=key, state="new", fence=0, claimed=False, quiet_for=timedelta(0), started_at=NOON)
        known = self.rows.setdefault(key, fresh)
        self.about.setdefault(key, (case, kind))
        if known.state == "done" or known.quiet_for:
            return known
        self.rows[key] = known.model_copy(update={"state": "sending", "fence": known.fence + 1, "quiet_for": quiet})
        return known.model_copy(update={"claimed": True, "fence": known.fence + 1})

    async def settle(self, key: str, *, fence: int, result: str) -> None:
        """Keep the result."""
        if self.rows[key].fence != fence:
            raise TransientFault("A newer attempt was made.")
        self.rows[key] = self.rows[key].model_copy(
            update={"state": "done", "result": result, "quiet_for": timedelta(0)}
        )

    async def release(self, key: str, *, fence: int, problem: str) -> None:
        """Forget an attempt that was refused."""
        if self.rows[key].fence == fence and problem:
            self.rows[key] = self.rows[key].model_copy(update={"state": "new", "quiet_for": timedelta(0)})

    async def results(self, case: str, *, kind: str) -> list[tuple[str, str]]:
        """Return what happened."""
        mine = [row for key, row in self.rows.items() if self.about[key] == (case, kind)]
        return [(row.key, row.result) for row in mine if row.result is not None]

    async def settle_down(self) -> None:
        """Let every attempt in doubt have settled."""
        self.rows = {key: row.model_copy(update={"quiet_for": timedelta(0)}) for key, row in self.rows.items()}
