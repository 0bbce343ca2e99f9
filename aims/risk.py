"""Likelihood, impact, appetite, inherent and residual risk. Source: ISO/IEC 42001:2023, 6.1.2 and 8.2."""

from typing import Self

from pydantic import Field, model_validator

from aims.record import Record


class RiskLevel(Record):
    """A level of the matrix and the score from which it holds."""

    id: str
    from_score: int = Field(ge=1)


class RiskMethod(Record):
    """How risk is scored: likelihood times impact, each from 1 to `scale`, mapped to levels; `appetite` names one."""

    id: str
    scale: int = Field(ge=2, le=10)
    levels: list[RiskLevel] = Field(min_length=1)
    appetite: str
    clause: str = "6.1.2"
    owner: str
    rationale: str

    @model_validator(mode="after")
    def _usable(self) -> Self:
        scores = [level.from_score for level in self.levels]
        if scores[0] != 1 or scores != sorted(set(scores)):
            raise ValueError("levels must start at from_score 1 and grow")
        if self.appetite not in [level.id for level in self.levels]:
            raise ValueError(f"appetite '{self.appetite}' names no level")
        return self


class RiskRating(Record):
    """One rated risk: its score and the level the method gives it."""

    likelihood: int
    impact: int
    score: int
    level: str


class RiskProfile(Record):
    """Inherent and residual risk of an AI system, kept apart."""

    inherent: RiskRating
    residual: RiskRating
    within_appetite: bool


def rate(method: RiskMethod, figures: tuple[int, int]) -> RiskRating:
    """Return the rating of (likelihood, impact), each on the method's scale."""
    likelihood, impact = figures
    score = likelihood * impact
    level = [level for level in method.levels if level.from_score <= score][-1]
    return RiskRating(likelihood=likelihood, impact=impact, score=score, level=level.id)


def profile(method: RiskMethod, *, inherent: tuple[int, int], residual: tuple[int, int]) -> RiskProfile:
    """Return both ratings, each from (likelihood, impact), and whether the residual one is within appetite."""
    left = rate(method, residual)
    order = [level.id for level in method.levels]
    return RiskProfile(
        inherent=rate(method, inherent),
        residual=left,
        within_appetite=order.index(left.level) <= order.index(method.appetite),
    )
