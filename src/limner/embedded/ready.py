"""Whether a server that was just started answers, asked in its own protocol."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from limner.domain.errors import StartError
from limner.embedded.child import Child

_START_SECONDS = 60.0
"""Time to recover what a crash left; a start after a clean stop takes a hundredth of it."""
_POLL_SECONDS = 0.01
_ANSWER_SECONDS = 5.0
_STARTUP = b"\0\3\0\0user\0limner\0database\0limner\0\0"
"""Version 3.0 and two parameters: "Message Formats" of the Postgres documentation."""
_STARTING_UP = b"C57P03"


async def until_ready(child: Child, answers: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a server that was just started answers.

    Raises:
        StartError: it ended instead, or took too long.
    """
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not await answers():
                if not child.running:
                    raise await child.failure("ended at its start")
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise await child.failure(f"is not ready after {_START_SECONDS:.0f} s") from None


async def postgres_answers(place: Path, socket: Path) -> bool:
    """Whether a client may begin: the whole handshake, as a client does it.

    Not before Postgres itself says so in its pid file: each attempt would be a FATAL in its log.

    Raises:
        StartError: it answers, and refuses for good.
    """

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write((len(_STARTUP) + 4).to_bytes(4) + _STARTUP)
        while True:
            kind = await reader.readexactly(1)
            body = await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
            if kind == b"Z":
                writer.write(b"X\0\0\0\4")
                return True
            if kind == b"E":
                fields = body.split(b"\0")
                if _STARTING_UP in fields:
                    return False
                message = next((field[1:] for field in fields if field.startswith(b"M")), b"")
                raise StartError(f"Postgres refuses clients: {message.decode(errors='replace')}.")

    return await asyncio.to_thread(_says_ready, place) and await _ask(socket, greet)


def _says_ready(place: Path) -> bool:
    try:
        return "ready" in (place / "postmaster.pid").read_text().splitlines()[-1]
    except (FileNotFoundError, IndexError):
        return False


async def valkey_answers(socket: Path) -> bool:
    """Whether it answers PING; while it reads its data it answers `-LOADING`."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"

    return await _ask(socket, greet)


async def _ask(
    socket: Path,
    greet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]],
) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:  # not there yet, or a leftover that nobody listens on
        return False
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await greet(reader, writer)
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.close()
