"""Following a plot: subscribe, then read, then go live.

The topic is watched before anything is read, so whatever is published from then on is seen by the
topic. What was read ends at a number below which nothing is still to come; if the topic is further
by then, the difference is handed over from its memory or read as well, and from there on live
events continue without a gap.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from limner.bus.events import Event, StatusEvent
from limner.bus.hub import Hub
from limner.bus.topic import Topic
from limner.domain.errors import LimnerError
from limner.store.history import History, Snapshot

PAGE = 500
"""Transitions read at once."""


class Reader(Protocol):
    """One stream's end. It may be slower than the plot, and says so in `ready`."""

    seen: int
    """Everything up to this number was delivered, or is not wanted."""

    @property
    def character_id(self) -> str | None:
        """The one character it reads of, with which it ends; None when it reads of the plot."""
        ...

    def deliver(self, event: Event) -> None:
        """Take an event, at once."""
        ...

    def end(self) -> None:
        """There is nothing more to come."""
        ...

    async def ready(self) -> None:
        """Wait until what was delivered is on its way."""
        ...


class Follow:
    """Brings readers to the live events of a plot."""

    def __init__(self, hub: Hub, history: History) -> None:
        self._hub = hub
        self._history = history
        self._reading: dict[str, asyncio.Future[tuple[Snapshot, list[StatusEvent]]]] = {}

    @contextmanager
    def watching(
        self, plot_id: str, reader: Reader
    ) -> Iterator[Callable[[int | None], Awaitable[None]]]:
        """Watch a plot for a reader; the block gets a function that brings the reader in.

        The function takes the number up to which the reader has everything, or None for a snapshot,
        and returns when the reader is live. It raises `NotFoundError` when the plot is gone and
        `DatabaseUnavailableError` when it can't be read.
        """
        with self._hub.watching(plot_id) as topic:
            try:
                yield lambda after: self._bring_in(topic, reader, after)
            finally:
                topic.leave(reader)

    async def _bring_in(self, topic: Topic, reader: Reader, after: int | None) -> None:
        if after is None:
            snapshot, events = await self._snapshot(topic.plot_id)
            for event in events:
                reader.deliver(event)
            reader.seen = snapshot.seq
            await reader.ready()
        else:
            reader.seen = after
            await self._read_on(topic.plot_id, reader)
        while not self._hub.join(topic, reader, reader.seen):
            await self._read_on(topic.plot_id, reader)

    async def _read_on(self, plot_id: str, reader: Reader) -> None:
        while True:
            page = await self._history.replay(plot_id, after=reader.seen, count=PAGE)
            for transition in page:
                reader.deliver(StatusEvent.of(transition))
                reader.seen = transition.seq
            await reader.ready()
            if len(page) < PAGE:
                return

    async def _snapshot(self, plot_id: str) -> tuple[Snapshot, list[StatusEvent]]:
        """Read a plot once for all who arrive together.

        Sharing a read that has already begun is safe: the topic was watched before it began, so
        whatever it does not contain, `Topic.join` knows of.
        """
        while (reading := self._reading.get(plot_id)) is not None:
            await asyncio.wait([reading])
            if not reading.cancelled():
                return reading.result()
        reading = asyncio.get_running_loop().create_future()
        self._reading[plot_id] = reading
        try:
            snapshot = await self._history.snapshot(plot_id)
            answer = snapshot, [StatusEvent.of(transition) for transition in snapshot.newest]
            reading.set_result(answer)
        except LimnerError as error:
            # for all who wait for it: asking one after the other, the last would wait for hours
            reading.set_exception(error)
            reading.exception()  # somebody knows of it, even if nobody else waits
            raise
        finally:
            del self._reading[plot_id]
            reading.cancel()
        return answer
