"""kill -9 of the worker at every step of the way into operation."""

import pytest

from tests.faults.scene import KEY, scene

# A killed server's sockets complain when they are collected; what counts are the oracles.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

POINTS = (
    f"written system:{KEY}:start:intake_requested",
    f"called system:{KEY}:ticket",
    f"writing assignment:risk-assessment:{KEY}:1:risk-assessment:assignment_opened",
    f"called assignment:risk-assessment:{KEY}:1:ask:risk-assessment:p-1004",
    f"writing approval:use:{KEY}:1:decision:p-1003:vote_recorded",
    f"written system:{KEY}:move:3:stage_entered",
    f"writing system:{KEY}:move:4:operation_entered",
)


@pytest.mark.feature(134, 135, 108)
async def test_a_killed_worker_loses_and_doubles_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async with scene("worker") as play:
        await play.ordeal(POINTS, seed=1)
        found = await play.unsettled()
        with capsys.disabled():
            await play.report()
        assert play.assassin.missed() == []
        assert found == []
