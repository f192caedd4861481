"""A connection on loopback whose one end is a stream's own, and whose other reads when told to."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import pytest
import uvloop

from limner.web.direct import DirectOutlet
from limner.web.outlet import Outlet
from stage.process import BOUND_SECONDS

LAST_CHUNK = b"0\r\n\r\n"


NewLoop: TypeAlias = Callable[[], asyncio.AbstractEventLoop]

both_loops = pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
"""asyncio's own, and the one that serves."""


def on_both_loops(scene: Callable[[], Coroutine[object, object, None]]) -> Callable[..., None]:
    """A test that is played on both event loops."""

    @both_loops
    def test(new_loop: NewLoop) -> None:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(scene())

    return test


def is_overfull(outlet: Outlet) -> bool:
    """Whether more waits for a reader than is kept."""
    return outlet.overfull_since is not None


async def turn() -> None:
    """Let others have theirs."""
    await asyncio.sleep(0)


@dataclass
class Wired:
    """Both ends."""

    outlet: DirectOutlet
    client: socket.socket
    descriptor: int
    """The server's."""
    connections: set[object]
    """The server's list of them."""
    taken: bytearray = field(default_factory=bytearray)
    may_take: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: asyncio.Event = field(default_factory=asyncio.Event)
    times_lost: int = 0

    def lose(self) -> None:
        """What the outlet calls."""
        self.times_lost += 1
        self.is_lost.set()

    @property
    def inode(self) -> int | None:
        """What the server's descriptor is; None: nothing."""
        try:
            return os.fstat(self.descriptor).st_ino
        except OSError:
            return None

    async def take(self) -> bool:
        """Read once; whether there was anything."""
        async with asyncio.timeout(BOUND_SECONDS):
            data = await asyncio.get_running_loop().sock_recv(self.client, 65536)
        self.taken += data
        return bool(data)

    async def take_all(self) -> bytes:
        """Read to the end, whenever it may; everything."""
        while await self.take():
            await self.may_take.wait()
        return bytes(self.taken)

    async def stuff(self, frame: bytes) -> list[bytes]:
        """Write until the outlet takes no more, and once again; what was written."""
        written = []
        while not self.outlet.is_stuck:
            written.append(frame)
            self.outlet.write(frame)
            await asyncio.sleep(0)
        self.outlet.write(frame)
        return [*written, frame]


@asynccontextmanager
async def wired() -> AsyncIterator[Wired]:
    """A connection that was just taken over, with little room on its way."""
    loop = asyncio.get_running_loop()
    made: asyncio.Future[asyncio.Transport] = loop.create_future()

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.set_result(cast("asyncio.Transport", transport))  # uvloop's is of no such class

    server = await loop.create_server(Server, "127.0.0.1", 0)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        async with asyncio.timeout(BOUND_SECONDS):
            await loop.sock_connect(client, server.sockets[0].getsockname())
            transport = await made
        server.close()
        connections: set[object] = set()
        outlet = DirectOutlet(transport, connections, is_paused=False)
        transport.set_protocol(outlet)
        outlet.keep_little(120)  # longer than any test: the kernel gives nothing up by itself
        descriptor = transport.get_extra_info("socket").fileno()
        both = Wired(outlet, client, descriptor, connections)
        outlet.when_lost(both.lose)
        both.may_take.set()
        try:
            yield both
        finally:
            if not both.is_lost.is_set():
                transport.abort()
            async with asyncio.timeout(BOUND_SECONDS):
                await both.is_lost.wait()
                await server.wait_closed()
