"""A proxy before Limner, as people have them: one that buffers, one that refuses, one that is gone.

It answers one request on each connection, and asks the server for it on a connection of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from stage.process import BOUND_SECONDS

PATIENCE_SECONDS = 2.0
"""How long an answer may take where the proxy cuts."""
PIECE_BYTES = 65536
_WORDS = {502: "Bad Gateway", 504: "Gateway Timeout"}


class Way(Enum):
    """What it does with an answer that takes its time."""

    PASSING = "passes everything on as it comes"
    BUFFERING = "passes on the head of a stream, and keeps the body until it ends"
    REFUSING = "answers 502 to who asks for a stream"
    CUTTING = "buffers, and answers 504 to who has waited for longer than its patience"


@dataclass(eq=False)
class Request:
    """A request that has reached the server."""

    method: str
    path: str
    """With its query."""
    prefer: str
    """What the client says of waiting; empty where it says nothing."""
    way: Way
    """What the proxy was then."""
    status: int | None = None
    """The answer's, once one was passed on, be it the proxy's own."""

    @property
    def is_stream(self) -> bool:
        return self.path.partition("?")[0].endswith("/events")

    @property
    def is_held(self) -> bool:
        return self.prefer.startswith("wait=")


@dataclass(eq=False)
class Proxy:
    """A proxy that can be changed while it runs."""

    target: str
    """The server's address."""
    way: Way = Way.PASSING
    requests: list[Request] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _port: int = 0
    _clients: set[asyncio.StreamWriter] = field(default_factory=set)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def come(self) -> None:
        """Listen, on the port that it had before if it had one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def go(self) -> None:
        """Refuse new connections, and cut those that are there."""
        assert self._server is not None
        self._server.close()
        await self.cut()

    async def turn(self, way: Way) -> None:
        """Become another proxy, with which the connections through the one before are gone."""
        self.way = way
        await self.cut()

    async def cut(self) -> None:
        """Reset all connections with clients."""
        there = set(self._clients)
        for client in there:
            client.transport.abort()
        async with asyncio.timeout(BOUND_SECONDS), self._news:
            await self._news.wait_for(lambda: not there & self._clients)

    async def seen(self, wanted: Callable[[Request], bool]) -> Request:
        """Wait until one of its requests is wanted; the newest of those that are."""

        def find() -> Request | None:
            return next(filter(wanted, reversed(self.requests)), None)

        async with asyncio.timeout(BOUND_SECONDS), self._news:
            await self._news.wait_for(lambda: find() is not None)
        found = find()
        assert found is not None
        return found

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._clients.add(to_client)
        try:
            # who leaves, and who has opened a connection for later and never used it
            with suppress(OSError, asyncio.IncompleteReadError):
                raw = await _request(client)
                answering = asyncio.create_task(self._answer(raw, to_client), name="answer")
                await _while_there(client, answering)
        finally:
            to_client.close()
            self._clients.discard(to_client)
            await self._tell()

    async def _answer(self, raw: bytes, to_client: asyncio.StreamWriter) -> None:
        request = _request_in(raw, self.way)
        if request.is_stream and request.way is Way.REFUSING:
            await _say(502, to_client)
            return
        self.requests.append(request)
        await self._tell()
        try:
            request.status = await self._pass_on(raw, request.way, to_client)
        except TimeoutError:
            request.status = 504
            await _say(504, to_client)
        await self._tell()

    async def _pass_on(self, raw: bytes, way: Way, to_client: asyncio.StreamWriter) -> int:
        """Ask the server, and give its answer to the client; the answer's status.

        Raises:
            TimeoutError: the answer has not come in time, and nothing of it was passed on.
        """
        target = urlsplit(self.target)
        try:
            server, to_server = await asyncio.open_connection(target.hostname, target.port)
        except OSError:
            await _say(502, to_client)
            return 502
        try:
            to_server.write(raw)
            async with asyncio.timeout(PATIENCE_SECONDS if way is Way.CUTTING else None):
                head = await server.readuntil(b"\r\n\r\n")
                is_stream = b"text/event-stream" in head
                body = b"" if is_stream else await server.read()
            to_client.write(head + body)
            while is_stream and (piece := await _piece(server, way)):
                to_client.write(piece)
                await to_client.drain()
            return int(head.split(b" ", 2)[1])
        finally:
            to_server.close()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _piece(server: asyncio.StreamReader, way: Way) -> bytes:
    """The next of a stream, which for who buffers is all of it; nothing at its end."""
    return await (server.read(PIECE_BYTES) if way is Way.PASSING else server.read())


async def _while_there(client: asyncio.StreamReader, answering: asyncio.Task[None]) -> None:
    """Answer for as long as the client is there: once it has gone, nobody waits any more."""
    leaving = asyncio.create_task(client.read(), name="client of the proxy")
    try:
        await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answering.result()
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def _request(client: asyncio.StreamReader) -> bytes:
    """All of a request, which asks for no further one on its connection."""
    head = (await client.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = [line for line in head.split("\r\n") if not line.lower().startswith("connection:")]
    length = int(_value_of("content-length", lines) or 0)
    lines[1:1] = ["Connection: close"]
    return "\r\n".join(lines).encode("latin-1") + await client.readexactly(length)


def _request_in(raw: bytes, way: Way) -> Request:
    lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    return Request(method, path, _value_of("prefer", lines), way)


def _value_of(name: str, lines: list[str]) -> str:
    """The value of a header's field; empty where it is not there."""
    values = [
        line.partition(":")[2].strip() for line in lines if line.lower().startswith(f"{name}:")
    ]
    return values[0] if values else ""


async def _say(status: int, to_client: asyncio.StreamWriter) -> None:
    """The proxy's own answer, in its own words."""
    body = f"<h1>{_WORDS[status]}</h1>"
    head = f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: text/html\r\nConnection: close"
    to_client.write(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    await to_client.drain()


@asynccontextmanager
async def proxied(target: str) -> AsyncIterator[Proxy]:
    """A proxy before the server at this address, for as long as the block runs."""
    proxy = Proxy(target)
    await proxy.come()
    try:
        yield proxy
    finally:
        await proxy.go()
