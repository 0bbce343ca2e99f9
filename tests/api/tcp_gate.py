"""A gate between a client and a server: shut, the server is away; opened, it is back at the same address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class TcpGate:
    """Passes connections on while it is open, and drops them all when it shuts."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def address(self) -> str:
        """Return where clients find the gate."""
        return f"127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Let connections through, at the same address as before."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse new connections and drop those that are open."""
        if self._server:
            self._server.close()
        for way in list(self._ways):
            way.transport.abort()
        await asyncio.sleep(0)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        self._ways |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._ways -= {writer, back}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def tcp_gate(target: str) -> AsyncIterator[TcpGate]:
    """Stand an open gate in front of a server while the block runs."""
    gate = TcpGate(target)
    await gate.open()
    try:
        yield gate
    finally:
        await gate.shut()
