"""Figures of the two sides, their ratios, and the budgets that they are held against."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.table import Table


class Rule(StrEnum):
    """What a budget limits."""

    RATIO_AT_LEAST = "ratio at least"
    RATIO_AT_MOST = "ratio at most"
    AT_MOST = "at most"


@dataclass(frozen=True)
class Budget:
    """A limit, and the goal beyond it."""

    rule: Rule
    limit: float
    goal: float | None = None

    def verdict(self, figure: "Figure") -> str:
        """Return how a figure stands: `goal`, `met`, `not met`, or `unclear` when noise hides it."""
        value = figure.governed if self.rule is Rule.AT_MOST else figure.ratio
        if value is None:
            return "unclear"
        if self.goal is not None and self._holds(value, self.goal):
            return "goal"
        return "met" if self._holds(value, self.limit) else "not met"

    def _holds(self, value: float, limit: float) -> bool:
        return value >= limit if self.rule is Rule.RATIO_AT_LEAST else value <= limit

    def __str__(self) -> str:
        goal = f", goal {self.goal:g}" if self.goal is not None else ""
        return f"{self.rule} {self.limit:g}{goal}"


@dataclass(frozen=True)
class Figure:
    """One measure: of the governed approval, of the bare workflow, and of the small bare case where it applies."""

    what: str
    unit: str
    governed: float
    bare: float
    small: float | None = None
    budget: Budget | None = None

    @property
    def ratio(self) -> float | None:
        """Governed by bare; nothing when one of them vanishes in the noise."""
        return self.governed / self.bare if self.governed > 0 and self.bare > 0 else None

    @property
    def verdict(self) -> str:
        """How the figure stands against its budget; empty without one."""
        return self.budget.verdict(self) if self.budget else ""

    def as_json(self) -> dict[str, Any]:
        """Return the figure for machines."""
        budget = str(self.budget) if self.budget else None
        return {**asdict(self), "ratio": self.ratio, "budget": budget, "verdict": self.verdict or None}


Column = tuple[str, Callable[[Figure], str]]
COLUMNS: Sequence[Column] = (
    ("governed (A)", lambda figure: spoken(figure.governed)),
    ("bare (B)", lambda figure: spoken(figure.bare)),
    ("A : B", lambda figure: "?" if figure.ratio is None else f"{figure.ratio:.2f}"),
    ("small bare", lambda figure: "" if figure.small is None else spoken(figure.small)),
    ("budget", lambda figure: str(figure.budget or "")),
    ("", lambda figure: figure.verdict),
)


def spoken(value: float) -> str:
    """Return a number with about three digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  # from three digits on


def table_of(figures: Sequence[Figure], *, title: str, caption: str) -> Table:
    """Return the figures as a table."""
    table = Table(title=title, caption=caption, caption_justify="left")
    table.add_column("measure", overflow="fold")
    for name, _ in COLUMNS:
        table.add_column(name, justify="left" if name in {"budget", ""} else "right", overflow="fold")
    for figure in figures:
        table.add_row(f"{figure.what}, {figure.unit}", *(show(figure) for _, show in COLUMNS))
    return table
