"""A connection to Redis on which commands are sent without waiting for the answers before.

redis-py takes a connection from its pool for each command, asks it whether it has something to say,
sends, and waits: a quarter of a millisecond passes before a message is on its way. Here redis-py
makes the connection, with whatever its URL asks for; then its transport is given to this protocol,
which writes in place and parses in place, with the same parser.
"""

import asyncio
from collections import deque
from typing import Final

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError

CONNECT_SECONDS: Final = 1.0


class Wire(asyncio.Protocol):
    """Commands and their answers, in the same order. What is sent in one turn goes in one piece."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._unanswered: deque[asyncio.Future[object]] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._connection: AbstractConnection | None = None

    @classmethod
    async def connect(cls, client: "Redis") -> "Wire":
        """A connection as a client would make it.

        Raises:
            RedisError, OSError, TimeoutError: it can't be made.
        """
        connection = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        wire = cls()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        wire._connection = connection  # which closes the transport when it goes
        wire._transport = connection._writer.transport  # noqa: SLF001 - there is no other way to it
        wire._transport.set_protocol(wire)
        return wire

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def unanswered(self) -> int:
        """How many commands wait for their answer."""
        return len(self._unanswered)

    def send(self, *command: str | bytes) -> asyncio.Future[object]:
        """Send a command; the future has its answer, or raises `RedisError`."""
        answer: asyncio.Future[object] = self._loop.create_future()
        if not self.is_open:
            answer.set_exception(LostError("The connection to Redis is lost."))
            return answer
        self._unanswered.append(answer)
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(hiredis.pack_command(command))  # type: ignore[arg-type] # of any length
        return answer

    def cut(self) -> None:
        """Give the connection up: what has no answer by now has none."""
        if self._transport is not None:
            self._transport.abort()
        self._lose(LostError("Redis did not answer in time."))

    def data_received(self, data: bytes) -> None:
        """Bring answers to who waits for them."""
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self._answer(reply)
        except hiredis.ProtocolError:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self._lose(exc or LostError("Redis has closed the connection."))

    def _answer(self, reply: object) -> None:
        answer = self._unanswered.popleft()
        if answer.done():
            return
        if isinstance(reply, hiredis.ReplyError):
            answer.set_exception(ResponseError(str(reply)))
        else:
            answer.set_result(reply)

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines(unsent)

    def _lose(self, error: Exception) -> None:
        self._transport = None
        if self._connection is not None:
            self._connection._reader = self._connection._writer = None  # noqa: SLF001 - it is closed
        self._unsent.clear()
        while self._unanswered:
            answer = self._unanswered.popleft()
            if not answer.done():
                answer.set_exception(error)
