"""A client whose socket has room for little, and that reads only when it is told to."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stage.process import BOUND_SECONDS
from stage.reader import Parser
from stage.wire import request


@dataclass
class Client:
    """One raw connection."""

    socket: socket.socket
    port: int
    """The server's."""
    taken: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    @property
    def ids(self) -> list[int]:
        """The numbers of the events that are whole."""
        text = self.taken.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n")
        events = Parser().feed(text.decode(errors="replace"))
        return [int(event.own_id) for event in events if event.own_id is not None]

    @property
    def row(self) -> list[str] | None:
        """The server's end as the kernel lists it; None when it is no more."""
        ends = [f"0100007F:{port:04X}" for port in (self.port, self.socket.getsockname()[1])]
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
        return next((row for row in rows if row[1:3] == ends), None)

    async def ask(self, path: str) -> None:
        """Send a request, and wait until its answer begins."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.socket, request("GET", path))
        await self.take_until(b"retry: ")

    async def take_until(self, end: bytes) -> None:
        while end not in self.taken:
            assert await self.take(256), "the stream has ended"

    async def take(self, size_bytes: int) -> bool:
        """Read once; whether there was anything."""
        async with asyncio.timeout(BOUND_SECONDS):
            data = await asyncio.get_running_loop().sock_recv(self.socket, size_bytes)
        self.taken += data
        return bool(data)

    async def is_reset(self) -> bool:
        """Read to the end; whether it was one that throws away what was on its way."""
        try:
            while await self.take(65536):
                pass
        except ConnectionResetError:
            return True
        return False


@contextmanager
def connected(url: str) -> Iterator[Client]:
    """A client of the server at a loopback address."""
    port = int(url.rpartition(":")[2].strip("/"))
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", port))
        raw.setblocking(False)
        yield Client(raw, port)
