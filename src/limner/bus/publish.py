"""Publishing: after the commit, at best effort, never for longer than a second.

What is ready together goes to Redis in one piece, in the order in which it was handed in, and over
one connection: no message overtakes another.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from redis.asyncio import Redis
from redis.exceptions import RedisError

from limner import log
from limner.bus.channels import HINT_PREFIX, PREVIEW_PREFIX, STATUS_PREFIX, UNWANTED_PREFIX
from limner.bus.wire import Wire
from limner.domain.status import Status
from limner.domain.transition import JsonObject, Transition, status_object
from limner.encoding import encode

PATIENCE_SECONDS = 1.0
"""Nobody waits longer than this for Redis."""
PREVIEW_SECONDS = 5 * 60.0
"""How long a picture that is not finished can be looked at."""
MESSAGES = 10_000
"""So many may wait for Redis; of more it is said at once that Redis did not take them."""

_log = log.get()


class Bus:
    """Tells the other processes what happened. What Redis does not take is left to repair.

    Args:
        client: a Redis client; each use of it is bounded here.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._wire: Wire | None = None
        self._waiting: list[tuple[str, bytes, asyncio.Future[object]]] = []
        """What is to be published as soon as there is a connection."""
        self._connecting: asyncio.Task[None] | None = None

    async def status(self, transition: Transition) -> bool:
        """Publish a committed transition as its status object; False when Redis did not take it."""
        body = encode(status_object(transition))
        publishing = self._publish(STATUS_PREFIX + transition.plot_id, body)
        if transition.status is not Status.CANCELED:
            return await publishing
        is_out, _ = await asyncio.gather(
            publishing, self._publish(UNWANTED_PREFIX + transition.plot_id, b"")
        )
        return is_out

    async def hint(self, plot_id: str, hint: JsonObject) -> bool:
        """Publish progress, or that a plot changed; False when Redis did not take it."""
        return await self._publish(HINT_PREFIX + plot_id, encode(hint), is_hint=True)

    async def preview(self, task_id: str, name: str, picture: bytes) -> bool:
        """Put up a picture of a generation so far; False when Redis did not take it."""
        key = PREVIEW_PREFIX + f"{task_id}:{name}"
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._client.set(key, picture, px=round(PREVIEW_SECONDS * 1000))
        except (RedisError, OSError, TimeoutError) as error:
            _log.debug("Redis did not take a preview", key=key, why=_sentence(error))
            return False
        return True

    async def preview_of(self, task_id: str, name: str) -> bytes | None:
        """A picture that was put up; None when its time is over, or Redis does not answer."""
        key = PREVIEW_PREFIX + f"{task_id}:{name}"
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                picture: bytes | None = await self._client.get(key)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("Redis did not give a preview", key=key, why=_sentence(error))
            return None
        return picture

    async def check(self) -> str | None:
        """What is wrong with Redis, in a word; None when it answers."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._client.ping()
        except (RedisError, OSError, TimeoutError) as error:
            return type(error).__name__
        return None

    async def aclose(self) -> None:
        """Send nothing more; who publishes waits for the answer, so nothing is left to be sent."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._wire is not None:
            self._wire.cut()

    async def _publish(self, channel: str, body: bytes, *, is_hint: bool = False) -> bool:
        handed_in_at = asyncio.get_running_loop().time()
        answer, wire = self._hand_in(channel, body)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await answer
        except (RedisError, OSError, TimeoutError) as error:
            is_silent = wire is not None and wire.heard_at < handed_in_at
            if wire is not None and is_silent and isinstance(error, TimeoutError):
                wire.cut()  # frozen, or gone without a word: the next message tries anew
            tell = _log.debug if is_hint else _log.warning  # of hints there are four a second
            tell("Redis did not take a message", channel=channel, why=_sentence(error))
            return False
        return True

    def _hand_in(self, channel: str, body: bytes) -> tuple[asyncio.Future[object], Wire | None]:
        """Send a message, or put it behind those that wait for a connection.

        Returns:
            Its answer to be, and the connection on which it was sent.
        """
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        wire = self._wire if self._wire is not None and self._wire.is_open else None
        if (len(self._waiting) if wire is None else wire.unanswered) >= MESSAGES:
            answer.set_exception(RedisError(f"{MESSAGES} messages wait for it already"))
            return answer, None
        if wire is not None and not self._waiting:
            return wire.send("PUBLISH", channel, body), wire
        self._waiting.append((channel, body, answer))
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._connect(), name="publisher")
        return answer, None

    async def _connect(self) -> None:
        """Make a connection, and send what has waited for it, unless nobody waits any more."""
        try:
            wire = self._wire = await Wire.connect(self._client)
        except (RedisError, OSError, TimeoutError) as error:
            for _, _, answer in self._take_waiting():
                answer.set_exception(error)
            return
        for channel, body, answer in self._take_waiting():
            wire.send("PUBLISH", channel, body).add_done_callback(partial(_hand_on, answer))

    def _take_waiting(self) -> list[tuple[str, bytes, asyncio.Future[object]]]:
        waiting, self._waiting = self._waiting, []
        return [one for one in waiting if not one[2].done()]


@asynccontextmanager
async def open_bus(url: str) -> AsyncIterator[Bus]:
    """A bus that is open for as long as the block runs. Redis need not be there yet."""
    # No socket_timeout: for it redis-py uses asyncio.wait_for, which before Python 3.12 loses a
    # cancellation that arrives together with the answer. The timeouts are those of our own calls.
    client = Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS)
    bus = Bus(client)
    try:
        yield bus
    finally:
        await bus.aclose()
        await client.aclose()


def _hand_on(to: asyncio.Future[object], answer: asyncio.Future[object]) -> None:
    """What one future has come to, to another."""
    if to.done():
        answer.cancelled() or answer.exception()
    elif (error := answer.exception()) is not None:
        to.set_exception(error)
    else:
        to.set_result(answer.result())


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
