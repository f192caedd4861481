"""One subscription for a whole process, and the certainty of knowing when it missed something.

redis-py can reconnect by itself, but silently: what was published in between is lost without an
exception. So its retry is off here, and every confirmation of the subscription is reported as a
gap. A frozen Redis is noticed by nothing in the driver either: a connection idle for `IDLE_SECONDS`
sends a message to itself, and one that does not hear it in time is dropped.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from limner import log
from limner.bus.channels import PROBE_PREFIX
from limner.bus.ears import Ears, listening
from limner.bus.wire import CONNECT_SECONDS

IDLE_SECONDS = 10.0
ECHO_SECONDS = 5.0
BACKOFF_SECONDS = (0.1, 5.0)
"""The first and the longest wait between two tries; jittered."""

OnMessage = Callable[[str, bytes], None]
"""Takes a channel and a message; it runs in the reader and must not wait for anything."""
OnGap = Callable[[], None]
"""Takes note that messages may have been missed before this moment."""

_log = log.get()


class Subscriber:
    """Listens to patterns of channels for as long as `run` runs.

    Args:
        url: where Redis is.
        patterns: what to listen to, as PSUBSCRIBE has it.
        on_message: what to do with each message.
        on_gap: what to do when messages may have been missed.
    """

    def __init__(self, url: str, *patterns: str, on_message: OnMessage, on_gap: OnGap) -> None:
        self._url = url
        self._patterns = patterns
        self._on_message = on_message
        self._on_gap = on_gap
        self._probe = PROBE_PREFIX + uuid4().hex
        self.is_live = asyncio.Event()
        """Set while the subscription is confirmed."""

    async def run(self) -> None:
        """Listen for ever; a lost connection is made again, with patience that grows."""
        shortest, longest = BACKOFF_SECONDS
        wait_seconds = shortest
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                if self.is_live.is_set():
                    wait_seconds = shortest
                _log.warning(
                    "Lost the subscription to Redis", why=str(error) or type(error).__name__
                )
            self.is_live.clear()
            await asyncio.sleep(wait_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            wait_seconds = min(2 * wait_seconds, longest)

    async def _listen(self) -> None:
        client = Redis.from_url(self._url, socket_connect_timeout=CONNECT_SECONDS)
        commands = ("SUBSCRIBE", self._probe), ("PSUBSCRIBE", *self._patterns)
        try:
            async with listening(client, self._take, *commands) as ears:
                while not ears.lost.done():
                    await asyncio.wait([ears.lost], timeout=IDLE_SECONDS)
                    silent_since = asyncio.get_running_loop().time() - IDLE_SECONDS
                    if ears.heard_at <= silent_since and not ears.lost.done():
                        await self._echo(client, ears)
                ears.lost.result()
        finally:
            with suppress(RedisError, OSError, TimeoutError):
                await client.aclose()

    async def _echo(self, client: "Redis", ears: Ears) -> None:
        """Have Redis say something, and be sure that it is heard.

        Raises:
            TimeoutError: it was not.
        """
        heard_at = ears.heard_at
        async with asyncio.timeout(ECHO_SECONDS):
            await client.publish(self._probe, b"")
        await asyncio.wait([ears.lost], timeout=ECHO_SECONDS)
        if ears.heard_at == heard_at and not ears.lost.done():
            raise TimeoutError(f"no echo within {ECHO_SECONDS:.0f} s")

    def _take(self, message: list[object]) -> None:
        match message:
            case [b"pmessage", _, bytes(channel), bytes(data)]:
                # any bytes may be a channel's name; one that is not UTF-8 is none of ours
                self._on_message(channel.decode(errors="replace"), data)
            case [b"psubscribe", *_]:
                self.is_live.set()
                self._on_gap()
