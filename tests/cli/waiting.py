"""Waiting for something to become true, with a deadline."""

import asyncio
import time
from collections.abc import Callable

WITHIN_SECONDS = 20.0
LOOK_SECONDS = 0.02


async def until(condition: Callable[[], bool]) -> None:
    """Look until the condition holds; fail when it takes too long."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(LOOK_SECONDS)
