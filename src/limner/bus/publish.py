"""Publishing: after the commit, at best effort, never for longer than a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from limner import log
from limner.bus.channels import HINT_PREFIX, PREVIEW_PREFIX, STATUS_PREFIX, WAKE
from limner.domain.transition import JsonObject, Transition, encode, status_object

PATIENCE_SECONDS = 1.0
"""Nobody waits longer than this for Redis."""
PREVIEW_SECONDS = 5 * 60.0
"""How long a picture that is not finished can be looked at."""

_log = log.get()


class Bus:
    """Tells the other processes what happened. What Redis does not take is left to repair.

    Args:
        client: a Redis client; each use of it is bounded here.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client

    async def status(self, transition: Transition) -> bool:
        """Publish a committed transition as its status object; False when Redis did not take it."""
        return await self._publish(
            STATUS_PREFIX + transition.plot_id, encode(status_object(transition))
        )

    async def hint(self, plot_id: str, hint: JsonObject) -> bool:
        """Publish progress, or that a plot changed; False when Redis did not take it."""
        return await self._publish(HINT_PREFIX + plot_id, encode(hint), is_hint=True)

    async def wake(self) -> bool:
        """Tell the workers to look into the queue; False when Redis did not take it."""
        return await self._publish(WAKE, b"")

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

    async def _publish(self, channel: str, message: bytes, *, is_hint: bool = False) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._client.publish(channel, message)
        except (RedisError, OSError, TimeoutError) as error:
            tell = _log.debug if is_hint else _log.warning  # of hints there are four a second
            tell("Redis did not take a message", channel=channel, why=_sentence(error))
            return False
        return True


@asynccontextmanager
async def open_bus(url: str) -> AsyncIterator[Bus]:
    """A bus that is open for as long as the block runs. Redis need not be there yet."""
    # No socket_timeout: for it redis-py uses asyncio.wait_for, which before Python 3.12 loses a
    # cancellation that arrives together with the answer. The timeouts are those of our own calls.
    client = Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS)
    try:
        yield Bus(client)
    finally:
        await client.aclose()


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
