"""All streams of this process: one clock for their heartbeats and ends, one signal for shutdown.

Who waits for an answer to a poll counts as well: both keep a connection.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

from limner import log
from limner.flows.wait import Waiter
from limner.settings import Settings
from limner.web.frames import heartbeat_frame
from limner.web.outlet import WAITING_BYTES, Outlet
from limner.web.stream import Stream
from limner.web.wire import Line

TICK_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
"""A reader that takes nothing of what was sent for so long is reset."""
SURGE_SECONDS = 2.0
"""For so long more may wait for a reader than is kept: for a burst that it is about to take."""
PARTING_SECONDS = 0.1
"""For so long the end of a stream may be on its way when the process stops: uvicorn itself needs
as much to notice that it was told to."""

_log = log.get()


class Audience:
    """Knows every open stream, and everybody who waits."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._streams: set[Stream] = set()
        self._waiters: set[Waiter] = set()
        self._is_leaving = False

    @property
    def is_closed(self) -> bool:
        """Whether a new stream would have to be turned away."""
        taken = len(self._streams) + len(self._waiters)
        return self._is_leaving or taken >= self._settings.max_streams

    @contextmanager
    def seat(self, outlet: Outlet, character_id: str | None, line: Line | None) -> Iterator[Stream]:
        """A stream that is known here for as long as the block runs."""
        share = random.uniform(0.8, 1.0)  # noqa: S311 - spreads the ends
        until = asyncio.get_running_loop().time() + self._settings.stream_seconds * share
        stream = Stream(outlet, character_id=character_id, until=until, line=line)
        if line is not None:  # a dead reader is the kernel's to find, a living one ours: first
            line.keep_little(PATIENCE_SECONDS * 1.5)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    @contextmanager
    def waiting(self, waiter: Waiter) -> Iterator[None]:
        """Somebody who is waiting, and is known here for as long as the block runs."""
        self._waiters.add(waiter)
        try:
            yield
        finally:
            self._waiters.discard(waiter)

    def leave(self) -> None:
        """The process was told to stop: end all streams, properly and at once."""
        if not self._is_leaving:
            self._is_leaving = True
            _log.info("Ending all streams", streams=len(self._streams), waiting=len(self._waiters))
            for waiter in tuple(self._waiters):
                waiter.dismiss()
            streams = tuple(self._streams)
            for stream in streams:
                stream.end()
            asyncio.get_running_loop().call_later(PARTING_SECONDS, self._part, streams)

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
                if (why := _why_too_slow(stream, now)) is not None:
                    _log.warning("Reset a stream that is not read", reader=stream.reader, why=why)
                    stream.reset()
                elif now >= stream.until:
                    stream.end()
                elif stream.spoke_at <= silent_since:
                    stream.say(heartbeat)

    def _part(self, streams: tuple[Stream, ...]) -> None:
        """Those whose reader has not even made room for the end would hold up the process."""
        clogged = [stream for stream in streams if stream.is_clogged]
        for stream in clogged:
            stream.reset()
        if clogged:
            _log.warning("Reset streams that are not read", streams=len(clogged))


def _why_too_slow(stream: Stream, now: float) -> str | None:
    stalled_seconds = stream.stalled_seconds(now)
    if stalled_seconds >= PATIENCE_SECONDS:
        return f"Nothing of what was sent was taken for {PATIENCE_SECONDS:g} seconds."
    overfull_since = stream.outlet.overfull_since
    if overfull_since is None or now - overfull_since < SURGE_SECONDS:
        return None
    # a page of the past may be more than is kept, and goes out for as long as it is being taken;
    # not sooner: a window of TCP opens again only when much of it is free
    if stream.is_live or stalled_seconds >= PATIENCE_SECONDS / 2:
        return f"More than {WAITING_BYTES // 1024} KiB wait for it."
    return None
