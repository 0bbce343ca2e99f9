"""Killing one part of a running stack: at a named point of the program, or now; and how long recovery took."""

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cli.embedded import EmbeddedStack
from tests.cli.waiting import LOOK_SECONDS, until

PID_FILE = "victim"


@dataclass(frozen=True)
class Kill:
    """One kill: where on the path, and when by this machine's clock."""

    place: str
    at: float


@dataclass
class Assassin:
    """Kills one child of a stack. The armed points name a file that always holds the child's id of this moment."""

    stack: EmbeddedStack
    folder: Path
    victim: str
    kills: list[Kill] = field(default_factory=list)
    armed: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._following.cancel()

    def arm(self, *points: str) -> None:
        """Kill the victim once at each of these points."""
        for point in points:
            (self.folder / point).symlink_to(PID_FILE)
        self.armed.extend(points)

    async def now(self, place: str) -> None:
        """Kill the victim at once."""
        pid = self.stack.child(self.victim).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.kills.append(Kill(place, time.time()))
        await until(lambda: self.stack.child(self.victim).pid != pid)

    async def at_random(self, seed: int, *, times: int) -> None:
        """Kill the victim at moments that the seed decides, each time after it was ready again."""
        chance = random.Random(seed)  # noqa: S311  # a schedule that can be repeated, not a secret
        for number in range(times):
            await self.healed()
            await asyncio.sleep(chance.uniform(0.05, 1.5))
            await self.now(f"at random, seed {seed}, number {number + 1}")

    async def healed(self) -> None:
        """Wait until the victim is ready."""
        await until(self.stack.child(self.victim).is_ready.is_set)

    def missed(self) -> list[str]:
        """Return the armed points at which nobody was killed."""
        return [point for point in self.armed if not (self.folder / f"fired {point}").is_symlink()]

    def all_kills(self) -> list[Kill]:
        """Return every kill, in order; that of a point happened when its file was renamed."""
        fired = [point for point in self.armed if point not in self.missed()]
        named = [Kill(point, (self.folder / f"fired {point}").lstat().st_ctime) for point in fired]
        return sorted([*self.kills, *named], key=lambda kill: kill.at)

    async def _follow(self) -> None:
        """Keep the file with the victim's id true; while there is no victim there is no file."""
        file, fresh, written = self.folder / PID_FILE, self.folder / f"{PID_FILE}.new", None
        while True:
            pid = self.stack.child(self.victim).pid
            if pid != written:
                file.unlink(missing_ok=True)
            if pid is not None and pid != written:
                fresh.write_text(str(pid))
                with suppress(FileNotFoundError):
                    fresh.replace(file)
            written = pid
            await asyncio.sleep(LOOK_SECONDS)
