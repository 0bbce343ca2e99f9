"""The map of the life cycle: which stages lead where."""

import pytest

from aims.errors import InvalidTransition
from aims.systems import BEFORE_OPERATION, ENDS, MOVES, Stage, checked_move

PAIRS = [(origin, target) for origin in Stage for target in Stage]


def reachable(origin: Stage) -> set[Stage]:
    """Return every stage that some path of moves reaches."""
    seen: set[Stage] = set()
    waiting = [origin]
    while waiting:
        for target in MOVES[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


@pytest.mark.feature(59)
@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_a_move_is_possible_only_where_the_map_has_it(origin: Stage, target: Stage) -> None:
    if target in MOVES[origin]:
        assert checked_move(origin, target) is target
    else:
        with pytest.raises(InvalidTransition, match=f"from {origin} to {target}"):
            checked_move(origin, target)


def test_every_stage_has_its_moves_and_the_ends_have_none() -> None:
    assert set(MOVES) == set(Stage)
    assert [stage for stage in Stage if not MOVES[stage]] == list(ENDS)


def test_every_stage_can_be_reached_and_every_life_can_end() -> None:
    assert reachable(Stage.INTAKE) == set(Stage)
    assert all(set(ENDS) & reachable(stage) for stage in Stage if stage not in ENDS)


def test_deployment_sign_off_is_the_only_first_way_into_operation() -> None:
    before = [stage for stage in BEFORE_OPERATION if Stage.IN_OPERATION in MOVES[stage]]
    assert before == [Stage.DEPLOYMENT_SIGN_OFF]
    back = [stage for stage in Stage if stage not in BEFORE_OPERATION and Stage.IN_OPERATION in MOVES[stage]]
    assert back == [Stage.PERIODIC_REVIEW, Stage.DECOMMISSIONING]


def test_a_request_can_be_withdrawn_until_operation_and_never_after() -> None:
    assert tuple(stage for stage in Stage if Stage.WITHDRAWN in MOVES[stage]) == BEFORE_OPERATION
