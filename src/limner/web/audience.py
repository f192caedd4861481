"""All streams of this process: one clock for their heartbeats and ends, one signal for shutdown.

An idle stream costs a look for each heartbeat, and nothing in between. One that has sent something
is looked at each second until its reader has taken it all. Who waits for an answer to a poll counts
as well: both keep a connection.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from limner import log
from limner.flows.wait import Waiter
from limner.settings import Settings
from limner.web.direct import DirectOutlet
from limner.web.frames import heartbeat_frame
from limner.web.outlet import WAITING_BYTES, Outlet
from limner.web.stream import Stream
from limner.web.wheel import Wheel

TICKS: Final = 60
"""In so many ticks of the clock all streams have had their heartbeat."""
LOOK_SECONDS: Final = 1.0
"""So often it is looked whether readers take what was sent."""
LOOKS_AT_ONCE: Final = 200
"""After so many looks others have their turn: an event waits for no more than that."""
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
        self._doubted: list[Stream] = []
        """Of whom it is not known whether their readers have taken all that was sent."""
        self._waiters: set[Waiter] = set()
        self._is_leaving = False
        self._tick_seconds = min(settings.heartbeat_seconds / TICKS, LOOK_SECONDS)
        self._wheel = Wheel(self._tick_seconds, asyncio.get_running_loop().time())

    @property
    def is_closed(self) -> bool:
        """Whether a new stream would have to be turned away."""
        taken = len(self._streams) + len(self._waiters)
        return self._is_leaving or taken >= self._settings.max_streams

    def seat(self, outlet: Outlet, character_id: str | None) -> Stream:
        """A stream that is known here from now on, until `unseat`."""
        share = random.uniform(0.8, 1.0)  # noqa: S311 - spreads the ends
        now = asyncio.get_running_loop().time()
        until = now + self._settings.stream_seconds * share
        stream = Stream(outlet, character_id=character_id, until=until, doubt=self._doubt)
        stream.spoke_at = now
        if isinstance(outlet, DirectOutlet):
            # a dead reader is the kernel's to find, a living one ours: first, by some looks
            outlet.keep_little(PATIENCE_SECONDS + 5 * LOOK_SECONDS)
        self._streams.add(stream)
        self._wheel.put(stream, self._next_look(stream))
        return stream

    def unseat(self, stream: Stream) -> None:
        """It is over."""
        self._streams.discard(stream)
        self._wheel.drop(stream)

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
        look_at = loop.time()
        while True:
            await asyncio.sleep(self._tick_seconds)
            now = loop.time()
            await self._keep_time(now)
            if now >= look_at:
                look_at = now + LOOK_SECONDS
                await self._look()

    async def _keep_time(self, now: float) -> None:
        heartbeat = heartbeat_frame()
        for number, stream in enumerate(self._wheel.due(now), start=1):
            if number % LOOKS_AT_ONCE == 0:
                await asyncio.sleep(0)
            if stream not in self._streams or stream.outlet.is_ended:
                continue
            if now >= stream.until:
                stream.end()
                continue
            if now >= stream.spoke_at + self._settings.heartbeat_seconds:
                stream.say(heartbeat)
            self._wheel.put(stream, self._next_look(stream))

    def _next_look(self, stream: Stream) -> float:
        return min(stream.spoke_at + self._settings.heartbeat_seconds, stream.until)

    def _doubt(self, stream: Stream) -> None:
        stream.is_doubted = True
        self._doubted.append(stream)

    async def _look(self) -> None:
        """Look at whose readers may have something to take, and reset those who don't take it."""
        loop = asyncio.get_running_loop()
        doubted, self._doubted = self._doubted, []
        for number, stream in enumerate(doubted, start=1):
            stream.is_doubted = False
            if stream in self._streams:
                self._look_at(stream, loop.time())
            if number % LOOKS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _look_at(self, stream: Stream, now: float) -> None:
        stalled_seconds = stream.stalled_seconds(now)
        if stalled_seconds is None:
            return
        self._doubt(stream)
        if (why := _why_too_slow(stream, stalled_seconds, now)) is not None:
            _log.warning("Reset a stream that is not read", reader=stream.outlet.peer, why=why)
            stream.reset()

    def _part(self, streams: tuple[Stream, ...]) -> None:
        """Those whose reader has not even made room for the end would hold up the process."""
        clogged = [stream for stream in streams if stream.is_clogged]
        for stream in clogged:
            stream.reset()
        if clogged:
            _log.warning("Reset streams that are not read", streams=len(clogged))


def _why_too_slow(stream: Stream, stalled_seconds: float, now: float) -> str | None:
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
