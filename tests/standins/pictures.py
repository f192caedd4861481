"""A web server of images that serves them as well, and as badly, as content networks do.

It speaks HTTP/1.1 by hand, one request on a connection, because a server that does everything right
can't be told to do it wrong. What it answers to a path is a list of acts, one for each time that
the path is asked for; the last one stays. A query makes it another path, with the same acts from
their beginning: `/late.png?again`.
"""

import asyncio
import contextlib
import functools
import gzip
import io
import itertools
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from PIL import Image

REQUEST_SECONDS: Final = 10.0
"""Who connects has so long to say what for."""
DRIP_SECONDS: Final = 0.02
HTML: Final = b"<!doctype html><title>Sorry</title><p>Your image is being prepared.</p>"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    target: str
    """Path and query, byte for byte."""
    headers: dict[str, str]
    """Their names in lower case."""


Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request."""


@dataclass(slots=True)
class PictureServer:
    """A running server."""

    url: str
    """Its address: `http://127.0.0.1:8123`, or `https`."""
    port: int
    acts: dict[str, Sequence[Act]]
    """By path, without a query; tests add their own."""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    """Those that asked for nothing, too."""
    left: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    """What was being answered when somebody closed the connection who had been kept waiting."""
    _asked: Counter[str] = field(default_factory=Counter)

    def count(self, target: str) -> int:
        """How often something was asked for."""
        return sum(request.target == target for request in self.requests)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See one connection through."""
        self.connections += 1
        request = await _read(reader)
        self.requests.append(request)
        acts = self.acts.get(request.target.partition("?")[0], [status(404)])
        act = acts[min(self._asked[request.target], len(acts) - 1)]
        self._asked[request.target] += 1
        try:
            await act(reader, writer)
        except ConnectionError:
            self.left.put_nowait(request.target)


@asynccontextmanager
async def open_pictures(
    port: int = 0, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[PictureServer]:
    """Serve for as long as the block runs; port 0 is a free one."""
    tasks: set[asyncio.Task[None]] = set()

    async def see_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await pictures.answer(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # who leaves early, or never asks, is no news here
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(see_off(reader, writer), name="a request for a picture")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(take, host, port, ssl=tls)
    bound = server.sockets[0].getsockname()[1]
    pictures = PictureServer(f"{'https' if tls else 'http'}://{host}:{bound}", bound, _catalogue())
    try:
        yield pictures
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@functools.cache
def picture(kind: str = "PNG", side: int = 64) -> bytes:
    """A picture: red and green run along its sides, so that it does not shrink to nothing."""
    image = Image.new("RGB", (side, side))
    steps = range(side)
    image.putdata([(x * 255 // side, y * 255 // side, x * y % 256) for y in steps for x in steps])
    written = io.BytesIO()
    image.save(written, kind)
    return written.getvalue()


def status(code: int, headers: Mapping[str, str] | None = None) -> Act:
    """An answer without an image."""
    return body(HTML, code=code, content_type="text/html", headers=headers)


def moved(location: str, code: int = 302) -> Act:
    """Somewhere else: relative, absolute, or what is no address at all."""
    return body(b"", code=code, headers={"Location": location})


def body(
    data: bytes,
    *,
    code: int = 200,
    content_type: str = "image/png",
    is_announced: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Act:
    """An answer with a body that ends with the connection.

    Its length is announced, unless told otherwise: in `headers` another length, or none at all.
    """
    sent = {"Content-Type": content_type, "Connection": "close"}
    if is_announced:
        sent["Content-Length"] = str(len(data))
    lines = [f"{name}: {value}" for name, value in {**sent, **(headers or {})}.items()]
    head = "\r\n".join([f"HTTP/1.1 {code} Said", *lines, "", ""]).encode("latin-1")

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head + data)
        await writer.drain()

    return act


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The beginning of a picture, byte by byte, and so on without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
    for byte in itertools.chain(picture()[:-20], itertools.repeat(0)):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body of no announced length, as fast as it is taken, and so on without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
    writer.write(picture()[:-20])
    while True:
        writer.write(bytes(64 * 1024))
        await writer.drain()


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """No answer, until whoever asked has gone."""
    await reader.read()
    raise ConnectionResetError


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A connection that breaks without a word."""
    socket = writer.get_extra_info("socket")
    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _catalogue() -> dict[str, Sequence[Act]]:
    """What there is to be asked for."""
    png = picture()
    good = body(png)
    html = body(HTML, content_type="text/html; charset=utf-8")
    cut = body(png[:-30], headers={"Content-Length": str(len(png))})
    return {
        "/portrait.png": [good],
        "/portrait.jpg": [body(picture("JPEG"), content_type="image/jpeg")],
        "/portrait.webp": [body(picture("WEBP"), content_type="image/webp")],
        "/late.png": [status(404), status(404), good],
        "/forbidden-first.png": [status(403), good],
        "/broken-first.png": [status(500), status(502), status(503), good],
        "/busy.png": [status(429, {"Retry-After": "1"}), good],
        "/missing.png": [status(404)],
        "/broken.png": [status(500)],
        "/gone.png": [status(410)],
        "/refused.png": [status(401)],
        "/html.png": [html],
        "/html-first.png": [html, good],
        "/html-in-disguise.png": [body(HTML)],
        "/empty.png": [body(b"")],
        "/cut.png": [cut],
        "/cut-first.png": [cut, good],
        "/cut-unannounced.png": [body(png[:-30], is_announced=False)],
        "/reset.png": [reset],
        "/reset-first.png": [reset, good],
        "/hang.png": [hang],
        "/drip.png": [drip],
        "/flood.png": [flood],
        "/large.png": [body(png, headers={"Content-Length": str(1 << 40)})],
        "/bomb.png": [body(_bomb(), headers={"Content-Encoding": "gzip"})],
        "/moved.png": [moved("portrait.png")],
        "/moved-by-root.png": [moved("/portrait.png", 307)],
        "/moved-far.png": [moved("/moved-by-root.png", 301)],
        "/loop.png": [moved("/loop.png")],
        "/to-file.png": [moved("file:///etc/passwd")],
        "/to-metadata.png": [moved("https://169.254.169.254/latest/meta-data/?token=secret")],
        "/to-nowhere.png": [status(302)],
    }


@functools.cache
def _bomb() -> bytes:
    """A few kilobytes that are 50 MiB when they are unpacked, a picture by their first bytes."""
    return gzip.compress(picture() + bytes(50 * 1024 * 1024))


async def _read(reader: asyncio.StreamReader) -> Request:
    async with asyncio.timeout(REQUEST_SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    return Request(first.split(" ")[1], headers)
