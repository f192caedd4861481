"""All streams of this process: one clock for their heartbeats and ends, one signal for shutdown."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

from limner import log
from limner.settings import Settings
from limner.web.frames import heartbeat_frame
from limner.web.outlet import Outlet
from limner.web.stream import Stream

TICK_SECONDS = 1.0

_log = log.get()


class Audience:
    """Knows every open stream."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._streams: set[Stream] = set()
        self._is_leaving = False

    @property
    def is_closed(self) -> bool:
        """Whether a new stream would have to be turned away."""
        return self._is_leaving or len(self._streams) >= self._settings.max_streams

    @contextmanager
    def seat(self, outlet: Outlet, character_id: str | None) -> Iterator[Stream]:
        """A stream that is known here for as long as the block runs."""
        share = random.uniform(0.8, 1.0)  # noqa: S311 - spreads the ends
        until = asyncio.get_running_loop().time() + self._settings.stream_seconds * share
        stream = Stream(outlet, character_id=character_id, until=until)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def leave(self) -> None:
        """The process was told to stop: end all streams, properly and at once."""
        if not self._is_leaving:
            self._is_leaving = True
            _log.info("Ending all streams", streams=len(self._streams))
            for stream in tuple(self._streams):
                stream.end()

    async def run(self) -> None:
        """Keep the streams' time for as long as the process lives."""
        loop = asyncio.get_running_loop()
        tick_seconds = min(TICK_SECONDS, self._settings.heartbeat_seconds / 4)
        while True:
            await asyncio.sleep(tick_seconds)
            now = loop.time()
            silent_since = now - self._settings.heartbeat_seconds
            heartbeat = heartbeat_frame()
            for stream in tuple(self._streams):
                if stream.outlet.is_overfull or now >= stream.until:
                    stream.end()
                elif stream.spoke_at <= silent_since:
                    stream.say(heartbeat)
