"""A proxy before Postgres that loses what a test tells it to lose."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message by which a client commits what it has begun."""
_PREPARE = re.compile(rb"P.{4}(\w+)\x00[^\x00]*FROM \w+_generation\(", re.DOTALL)
"""The message by which it has a move prepared, and the name that the move gets there."""
_MOVE = re.compile(rb"B.{4}\x00(\w+)\x00", re.DOTALL)
"""The message by which it makes one, which commits by itself."""


class Loses(Enum):
    """What is lost, once, together with the connection."""

    NOTHING = "nothing"
    THE_COMMIT = "the commit"
    THE_ANSWER_TO_THE_COMMIT = "the answer to the commit"


@dataclass(eq=False)
class Proxy:
    """Passes bytes on between clients and a Postgres."""

    url: str
    target: str
    loses: Loses = Loses.NOTHING
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or it is lost."""
        server, to_server = await asyncio.open_unix_connection(self.target)
        answers = asyncio.create_task(_pass_on(server, to_client), name="answers")
        moves: set[bytes] = set()
        try:
            while message := await client.read(65536):
                moves.update(_PREPARE.findall(message))
                made = _MOVE.match(message)
                commits = message.endswith(_COMMIT) or (made and made[1] in moves)
                if commits and self.loses is not Loses.NOTHING:
                    loses, self.loses = self.loses, Loses.NOTHING
                    answers.cancel()
                    await asyncio.wait([answers])
                    if loses is Loses.THE_ANSWER_TO_THE_COMMIT:
                        to_server.write(message)
                        assert (await server.read(65536)).startswith((b"C", b"2"))
                    return
                to_server.write(message)
        finally:
            answers.cancel()
            await asyncio.wait([answers])
            for writer in (to_server, to_client):
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def lossy(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the Postgres of this URL, with a URL of its own."""
    host = parse_qs(urlsplit(url).query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="limner-") as folder:
        proxy = Proxy(url.replace(quote(host), quote(folder)), target=str(Path(host) / _SOCKET))
        server = await asyncio.start_unix_server(proxy.serve, str(Path(folder) / _SOCKET))
        try:
            yield proxy
        finally:
            server.close()
