"""Many readers at little cost: raw connections that come back by themselves, as EventSource does.

A reader keeps the numbers it was sent, and nothing else. A thousand of them cost a client less than
a tenth of what as many sessions of an HTTP library would, so that what is measured is the server.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from stage.wire import request

FIRST_RETRY_SECONDS = 1.0
"""How long one waits that was never told how long."""


@dataclass(eq=False)
class Reader:
    """One stream, over all of its connections."""

    path: str
    ids: list[int] = field(default_factory=list)
    """All numbers in the order they came."""
    retry_seconds: float = FIRST_RETRY_SECONDS
    """What the server said last."""
    called_at: float = 0.0
    """When the newest connection was made, by the event loop's clock."""
    opened: int = 0
    """How many connections began with an answer."""
    ended: int = 0
    """How many of them the server ended properly; the others were cut."""
    sent_away: int = 0
    """How many of them ended without an event."""
    fault: str = ""
    """Why it will never come back."""
    _goal: int = 0
    _reached: asyncio.Future[float] | None = None

    @property
    def last_id(self) -> int | None:
        return self.ids[-1] if self.ids else None

    async def reaches(self, number: int) -> float:
        """Wait until it has this number or a later one; when that was."""
        loop = asyncio.get_running_loop()
        if self.ids and self.ids[-1] >= number:
            return loop.time()
        self._goal, self._reached = number, loop.create_future()
        return await self._reached

    def take(self, number: int) -> None:
        self.ids.append(number)
        if self._reached is not None and number >= self._goal:
            self._reached.set_result(asyncio.get_running_loop().time())
            self._reached = None


class Connection(asyncio.Protocol):
    """One connection of a reader: an answer in chunks, of which ids and `retry:` are kept."""

    def __init__(self, reader: Reader) -> None:
        self.lost = asyncio.get_running_loop().create_future()
        self._reader = reader
        self._raw = b""
        self._lines = b""
        self._id: int | None = None
        self._has_head = False
        self._is_silent = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of no such class
        last_id = self._reader.last_id
        resume = {} if last_id is None else {"Last_Event_ID": str(last_id)}
        self._transport.write(request("GET", self._reader.path, None, **resume))

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if not self._has_head:
            head, found, rest = self._raw.partition(b"\r\n\r\n")
            if not found:
                return
            self._has_head, self._raw = True, rest
            status = head.split(b" ", 2)[1]
            if status != b"200":
                self._reader.fault = f"status {status.decode()}"
                self._transport.close()
                return
            self._reader.opened += 1
        self._unwrap()

    def connection_lost(self, _error: Exception | None) -> None:
        self._reader.sent_away += self._has_head and self._is_silent
        if not self.lost.done():
            self.lost.set_result(None)

    def _unwrap(self) -> None:
        """Take whole chunks out of their frames; the empty one is a proper end."""
        while True:
            size, found, rest = self._raw.partition(b"\r\n")
            if not found or len(rest) < (length := int(size, 16)) + 2:
                return
            self._raw = rest[length + 2 :]
            if not length:
                self._reader.ended += 1
                self._transport.close()
                return
            *lines, self._lines = (self._lines + rest[:length]).split(b"\n")
            for line in lines:
                self._read(line.removesuffix(b"\r"))

    def _read(self, line: bytes) -> None:
        """One line as the standard has it: an id counts once its event is whole."""
        if not line and self._id is not None:
            self._reader.take(self._id)
            self._id = None
        elif line.startswith(b"id: "):
            self._id = int(line[4:])
        elif line.startswith(b"retry: "):
            self._reader.retry_seconds = int(line[7:]) / 1000
        elif line.startswith(b"event: "):
            self._is_silent = False


@dataclass
class Crowd:
    """Readers of one service."""

    address: str
    """Where they go; who changes it plays the load balancer."""
    readers: list[Reader]
    pace: float = 1.0
    """Which share of the time they were told they wait."""

    async def stay(self, reader: Reader) -> None:
        """Connect, read, and come back, until it is told not to."""
        loop = asyncio.get_running_loop()
        while not reader.fault:
            host, _, port = self.address.removeprefix("http://").rpartition(":")
            try:
                transport, connection = await loop.create_connection(
                    lambda: Connection(reader), host, int(port)
                )
            except OSError:
                pass
            else:
                reader.called_at = loop.time()
                try:
                    await connection.lost
                finally:
                    transport.abort()
            wait_seconds = self.pace * reader.retry_seconds * random.uniform(1, 1.05)  # noqa: S311 - as clocks differ
            await asyncio.sleep(wait_seconds)


@asynccontextmanager
async def crowd(address: str, paths: Iterable[str], *, pace: float = 1.0) -> AsyncIterator[Crowd]:
    """A reader for each path, there for as long as the block runs."""
    gathered = Crowd(address, [Reader(path) for path in paths], pace)
    tasks = [
        asyncio.create_task(gathered.stay(reader), name=f"reader of {reader.path}")
        for reader in gathered.readers
    ]
    try:
        yield gathered
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
