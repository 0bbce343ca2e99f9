"""The whole product as a newcomer runs it: the embedded stack in a folder of its own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.cast import Reader, SlackStage
from cli.demonstration import EXAMPLES, cast
from cli.embedded import EmbeddedStack
from cli.ports import Ports
from cli.rest import Rest
from cli.slackstand import StandFailed
from cli.stacks import embedded


@dataclass
class Product:
    """A running stack with people who act in its Slack stand-in."""

    stack: EmbeddedStack
    stage: SlackStage
    clients: dict[str, Rest]
    reader: Reader

    def example(self, name: str) -> Any:
        """Return an example's request."""
        return json.loads((EXAMPLES / f"{name}.json").read_text())

    async def open_case(self, key: str, process: str) -> Any:
        """Wait until a case of a process asks somebody, and return it."""
        while True:
            view = await self.reader.system(key)
            found = [case for case in view["open_cases"] if case["process"] == process and case["pending"]]
            if found:
                return found[0]
            await self.reader.changed(key, view)


@asynccontextmanager
async def running_product(folder: Path) -> AsyncIterator[Product]:
    """Run the product in a folder, on ports that are free."""
    async with embedded(folder, Ports.any(), slack="local") as stack, cast(stack) as (stage, clients):
        if not isinstance(stage, SlackStage):
            raise StandFailed("The Slack stand-in is not installed. Run `make setup` with npm on PATH.")
        yield Product(stack, stage, dict(clients), Reader(clients["p-1012"]))
