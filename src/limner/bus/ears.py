"""Hearing what Redis says at the moment at which it comes.

redis-py reads through a stream, a lock and several turns of the event loop; from PUBLISH to
subscriber that is a fifth to a third of the time. Here a message is parsed and handed on in place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import hiredis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError

from limner.bus.wire import Socket


class Ears(asyncio.Protocol):
    """The reading end of a connection that has nothing to do but to listen.

    Args:
        take: what to do with each message; it runs in place and must not wait for anything.
    """

    def __init__(self, take: Callable[[list[object]], None]) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done, with the reason as its exception, when nothing more will be heard."""
        self.heard_at = loop.time()
        """When something was heard last, by the event loop's clock."""
        self._take = take
        self._reader = hiredis.Reader()

    def data_received(self, data: bytes) -> None:
        """Parse, and hand on every message that is whole."""
        self.heard_at = asyncio.get_running_loop().time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                if isinstance(reply, hiredis.ReplyError):
                    self._lose(ResponseError(str(reply)))
                elif isinstance(reply, list):
                    self._take(reply)
        except hiredis.ProtocolError as error:
            self._lose(LostError(f"Redis can't be understood: {error}"))
        except Exception as error:  # noqa: BLE001 - it is raised by whoever waits for `lost`
            self._lose(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for it."""
        self._lose(exc or LostError("Redis has closed the connection."))

    def _lose(self, error: Exception) -> None:
        if not self.lost.done():
            self.lost.set_exception(error)
            self.lost.exception()  # who has given up before does not ask


@asynccontextmanager
async def listening(
    client: "Redis", take: Callable[[list[object]], None], *commands: tuple[str, ...]
) -> AsyncIterator[Ears]:
    """A connection on which these commands were sent, and Redis is heard.

    Raises:
        RedisError, OSError, TimeoutError: it can't be made.
    """
    ears = Ears(take)
    made = await Socket.connect(client, ears)
    try:
        made.transport.writelines([hiredis.pack_command(each) for each in commands])  # type: ignore[arg-type] # of any length
        yield ears
    finally:
        made.transport.abort()
        made.forget()
