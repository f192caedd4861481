"""A connection to Redis on which commands are sent without waiting for the answers before.

redis-py takes a connection from its pool for each command, asks it whether it has something to say,
sends, and waits: a quarter of a millisecond passes before a message is on its way. Here redis-py
makes the connection, with whatever its URL asks for; then its transport is given to this protocol,
which writes in place and parses in place, with the same parser.
"""

import asyncio
from collections import deque
from typing import Final, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError

CONNECT_SECONDS: Final = 2.0


class Socket:
    """A connection that redis-py has made, with a protocol of ours in place of its own reader."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection  # it closes the transport when it goes
        writer = connection._writer  # noqa: SLF001 - there is no other way to it
        assert writer is not None  # noqa: S101 - it is connected
        self.transport = cast("asyncio.Transport", writer.transport)

    @classmethod
    async def connect(cls, client: "Redis", protocol: asyncio.Protocol) -> "Socket":
        """A connection as a client would make it.

        Raises:
            RedisError, OSError, TimeoutError: it can't be made.
        """
        connection = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        made = cls(connection)
        made.transport.set_protocol(protocol)
        return made

    def forget(self) -> None:
        """Its transport is closed: redis-py need not do it, nor complain that nobody did."""
        self._connection._reader = self._connection._writer = None  # noqa: SLF001 - see above


class Wire(asyncio.Protocol):
    """Commands and their answers, in the same order. What is sent in one turn goes in one piece."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._unanswered: deque[asyncio.Future[object]] = deque()
        self._unsent: list[bytes] = []
        self._socket: Socket | None = None
        self.heard_at = self._loop.time()
        """When Redis said something last, by the event loop's clock."""

    @classmethod
    async def connect(cls, client: "Redis") -> "Wire":
        """A connection as a client would make it.

        Raises:
            RedisError, OSError, TimeoutError: it can't be made.
        """
        wire = cls()
        wire._socket = await Socket.connect(client, wire)
        return wire

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._socket is not None and not self._socket.transport.is_closing()

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
        if self._socket is not None:
            self._socket.transport.abort()
        self._lose(LostError("Redis did not answer in time."))

    def data_received(self, data: bytes) -> None:
        """Bring answers to who waits for them."""
        self.heard_at = self._loop.time()
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
        if self._socket is not None and not self._socket.transport.is_closing():
            self._socket.transport.writelines(unsent)

    def _lose(self, error: Exception) -> None:
        if self._socket is not None:
            self._socket.forget()
            self._socket = None
        self._unsent.clear()
        while self._unanswered:
            answer = self._unanswered.popleft()
            if not answer.done():
                answer.set_exception(error)
