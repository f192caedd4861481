"""HTTP by hand, for what a polite client would never send."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stage.process import BOUND_SECONDS

LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Reply:
    """One answer as it came over the wire."""

    status: int
    fields: list[tuple[str, str]]
    """The header's lines in order, names in lower case."""
    raw: bytes

    def header(self, name: str) -> str | None:
        """The value of a field that is there at most once."""
        values = [value for field, value in self.fields if field == name.lower()]
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Wire:
    """One connection to a server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, *, to: str = "GET") -> Reply:
        """The next answer, read to its end and no further."""
        async with asyncio.timeout(BOUND_SECONDS):
            status, fields = await self.head()
            named = dict(fields)
            if to == "HEAD" or status in {204, 304}:
                return Reply(status, fields, b"")
            if "content-length" in named:
                raw = await self.reader.readexactly(int(named["content-length"]))
            elif named.get("transfer-encoding") == "chunked":
                raw = b"".join([chunk async for chunk in self.chunks()])
            else:
                raw = await self.reader.read()
            return Reply(status, fields, raw)

    async def head(self) -> tuple[int, list[tuple[str, str]]]:
        """The status and the header's lines of the next answer."""
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = [line.partition(":")[::2] for line in lines if line]
        return int(first.split(" ")[1]), [(name.lower(), value.strip()) for name, value in fields]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The chunks of a body up to the empty one that ends it properly."""
        while True:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            chunk = (await self.reader.readexactly(size + 2))[:-2]
            if not size:
                return
            yield chunk


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Wire]:
    """A connection to the server at a URL."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=LIMIT_BYTES)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def exchange(url: str, request: bytes) -> Reply:
    """Send bytes on a connection of their own; the first answer to them."""
    async with connected(url) as wire:
        await wire.send(request)
        return await wire.reply(to=request.split(b" ", 1)[0].decode("latin-1"))


def request(method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
    """A request as bytes; `_` in a header's name stands for `-`, and Host is there unless given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if "Host" not in named:
        named = {"Host": "localhost", **named}
    if body is not None and "Transfer-Encoding" not in named:
        named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **named}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
