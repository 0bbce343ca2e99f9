"""kill -9 of the api: between taking and answering, between acknowledging and delivering, and at random."""

import asyncio
import os
import signal

import pytest

from tests.faults.scene import KEY, Scene, scene

# A killed server's sockets complain when they are collected; what counts are the oracles.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

VOTE = f"approval:use:{KEY}:1"
POINTS = (
    f"taken system:{KEY}",
    f"taken assignment:risk-assessment:{KEY}:1",
    f"taken assignment:deployment-checklist:{KEY}:1",
    f"writing approval:deployment:{KEY}:1:sign-off:p-1006:vote_recorded",
)


@pytest.mark.feature(134, 135, 108)
async def test_a_killed_api_loses_and_doubles_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async with scene("api") as play:
        strikes: list[asyncio.Task[None]] = []

        async def strike() -> None:
            await play.journey(KEY).asked(f"{VOTE}:ask:decision:p-1003")
            strikes.append(asyncio.create_task(kill_undelivered(play, VOTE)))

        play.hooks[VOTE] = strike
        await play.ordeal(POINTS, seed=4)
        await asyncio.gather(*strikes)
        found = await play.unsettled()
        with capsys.disabled():
            await play.report()
        assert len(strikes) == 1
        assert play.assassin.missed() == []
        assert found == []


async def kill_undelivered(play: Scene, case: str) -> None:
    """Hold the worker still until an act on the case was taken and cannot be delivered; then kill the api."""
    worker = play.stack.child("worker").pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    try:
        await play.journey(KEY).stored(case, "p-1003")
        await play.assassin.now(f"acknowledged and not delivered {case}")
    finally:
        os.kill(worker, signal.SIGCONT)
