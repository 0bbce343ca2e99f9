"""Risk is likelihood times impact on the organisation's own scale, before and after controls."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aims.risk import RiskMethod, profile, rate

LEVELS = [("low", 1), ("moderate", 5), ("high", 10), ("critical", 17)]
ON_SCALE = st.integers(1, 5)


def method(**changes: Any) -> RiskMethod:
    """Return a five-by-five matrix that accepts moderate risk."""
    levels = [{"id": name, "from_score": score} for name, score in LEVELS]
    body = {"id": "m", "scale": 5, "levels": levels, "appetite": "moderate", "owner": "o", "rationale": "r", **changes}
    return RiskMethod.model_validate(body)


METHOD = method()
ORDER = [name for name, _ in LEVELS]


@pytest.mark.feature(16)
@pytest.mark.parametrize(
    ("figures", "level"),
    [
        ((1, 1), "low"),
        ((2, 2), "low"),
        ((1, 5), "moderate"),
        ((3, 3), "moderate"),
        ((2, 5), "high"),
        ((5, 5), "critical"),
    ],
)
def test_the_level_is_the_highest_whose_score_is_reached(figures: tuple[int, int], level: str) -> None:
    assert rate(METHOD, figures).level == level


@given(ON_SCALE, ON_SCALE, ON_SCALE)
def test_more_likelihood_or_impact_never_lowers_the_level(one: int, other: int, impact: int) -> None:
    less, more = rate(METHOD, (min(one, other), impact)), rate(METHOD, (max(one, other), impact))
    assert ORDER.index(less.level) <= ORDER.index(more.level)
    assert rate(METHOD, (one, impact)).level == rate(METHOD, (impact, one)).level


@pytest.mark.feature(15)
@pytest.mark.clause("8.2")
def test_inherent_and_residual_risk_are_kept_apart() -> None:
    kept = profile(METHOD, inherent=(5, 5), residual=(2, 2))
    assert (kept.inherent.level, kept.residual.level) == ("critical", "low")
    assert (kept.inherent.score, kept.residual.score) == (25, 4)


@given(ON_SCALE, ON_SCALE, ON_SCALE, ON_SCALE)
def test_only_what_is_left_decides_on_the_appetite(likelihood: int, impact: int, left: int, harm: int) -> None:
    kept = profile(METHOD, inherent=(likelihood, impact), residual=(left, harm))
    assert kept.within_appetite is (left * harm < 10)


WRONG: dict[str, dict[str, Any]] = {
    "levels that begin too late": {"levels": [{"id": "low", "from_score": 2}], "appetite": "low"},
    "levels that do not grow": {
        "levels": [{"id": "a", "from_score": 1}, {"id": "b", "from_score": 1}],
        "appetite": "a",
    },
    "no level": {"levels": []},
    "an appetite that is no level": {"appetite": "none"},
    "a scale of one": {"scale": 1},
    "a scale that nobody can hold": {"scale": 11},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_method_is_refused_with(wrong: str) -> None:
    with pytest.raises(ValidationError):
        method(**WRONG[wrong])
