"""Between a store and its server: a relay that holds requests back, or is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from stage.process import BOUND_SECONDS

PIECE_BYTES = 65536


@dataclass(eq=False)
class Relay:
    """Passes bytes on, both ways, until it is told otherwise."""

    target: int
    """The server's port."""
    port: int = 0
    requests: int = 0
    """Pieces that came from clients, which is as many as requests where these are short."""
    _held: bytes | None = None
    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def come(self) -> None:
        """Listen, on the port that it had before if it had one."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go(self) -> None:
        """Refuse new connections, and cut those that are there."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self, beginning: bytes) -> None:
        """Keep requests that begin so, from now on; whoever leaves does not take them back."""
        self._held = beginning
        self._reached.clear()
        self._released.clear()
        self._answered.clear()

    async def holds(self) -> None:
        """Return when there is one."""
        async with asyncio.timeout(BOUND_SECONDS):
            await self._reached.wait()

    async def release(self) -> None:
        """Give the server what was kept, and return when it has answered."""
        self._held = None
        self._released.set()
        async with asyncio.timeout(BOUND_SECONDS):
            await self._answered.wait()

    def _take(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._see_off(client, to_client), name="relayed connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: to_client.transport.abort())

    async def _see_off(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        back = asyncio.create_task(self._back(server, to_client), name="answers")
        try:
            with suppress(ConnectionError):
                while piece := await client.read(PIECE_BYTES):
                    self.requests += 1
                    await self._on(piece, to_server)
        finally:
            to_server.close()
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)

    async def _on(self, piece: bytes, to_server: asyncio.StreamWriter) -> None:
        is_held = self._held is not None and piece.startswith(self._held)
        if is_held:
            self._reached.set()
            await self._released.wait()
        to_server.write(piece)
        await to_server.drain()
        if is_held:
            await self._answered.wait()

    async def _back(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while piece := await server.read(PIECE_BYTES):
            if self._released.is_set():
                self._answered.set()
            to_client.write(piece)


@asynccontextmanager
async def relayed(target: int) -> AsyncIterator[Relay]:
    """A relay before the server at this port, for as long as the block runs."""
    relay = Relay(target)
    await relay.come()
    try:
        yield relay
    finally:
        await relay.go()
