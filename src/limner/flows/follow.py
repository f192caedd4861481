"""Following a plot: subscribe, then read, then go live.

The topic is watched before anything is read, so whatever is published from then on is seen by the
topic. What was read ends at a number below which nothing is still to come; if the topic is further
by then, the difference is handed over from its memory or read as well, and from there on live
events continue without a gap.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from limner.bus.events import Event
from limner.bus.hub import Hub
from limner.bus.topic import Topic
from limner.domain.errors import NotFoundError
from limner.flows.openings import Opening, Openings


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
        """Wait until what was delivered is on its way; raises when it has left."""
        ...


class Follow:
    """Brings readers to the live events of a plot."""

    def __init__(self, hub: Hub, openings: Openings) -> None:
        self._hub = hub
        self._openings = openings

    def watch(self, plot_id: str) -> "PlotWatch":
        """Watch a plot from now on, whether there is one or not; leave it in the end."""
        return PlotWatch(plot_id, self._hub, self._openings)

    @contextmanager
    def watching(self, plot_id: str, reader: Reader) -> Iterator[Callable[[int], Awaitable[None]]]:
        """Watch a plot for a reader; the block gets a function that brings the reader in.

        The function takes the number up to which the reader has everything, and returns when the
        reader is live. It raises `NotFoundError` when the plot is gone, and
        `DatabaseUnavailableError` when it can't be read.
        """
        watch = self.watch(plot_id)
        try:
            yield lambda after: watch.go_on(reader, after)
        finally:
            watch.leave()


class PlotWatch:
    """A plot that is watched for one reader.

    Args:
        plot_id: which.
        hub: who hears of it.
        openings: who reads its past, for many readers at once.
    """

    __slots__ = ("_hub", "_opening", "_openings", "_reader", "_topic")

    def __init__(self, plot_id: str, hub: Hub, openings: Openings) -> None:
        self._hub = hub
        self._openings = openings
        self._topic: Topic = hub.watch(plot_id)
        self._opening: Opening | None = None
        self._reader: Reader | None = None

    async def read(self, owner: str, after: int | None) -> None:
        """Read what the reader begins with.

        Args:
            owner: whose plot it must be.
            after: the number up to which the reader has everything; None for a snapshot. One that
                the plot has not come to counts as none.

        Raises:
            NotFoundError: this owner has no such plot.
            DatabaseUnavailableError: it can't be read.
        """
        opening = await self._openings(self._topic, after)
        if opening.owner != owner:
            raise NotFoundError("There is no such plot.")
        self._opening = opening

    async def bring_in(self, reader: Reader) -> None:
        """Give a reader what was read, and what has happened since; then it is live.

        Raises:
            NotFoundError: the plot is gone.
            DatabaseUnavailableError: it can't be read.
        """
        opening, self._opening = self._opening, None
        assert opening is not None  # noqa: S101 - it was read before
        await self._give(reader, opening)
        if not opening.is_whole:
            await self._read_on(reader)
        await self._join(reader)

    async def go_on(self, reader: Reader, after: int) -> None:
        """Give a reader what has happened after a number; then it is live.

        Raises:
            NotFoundError: the plot is gone.
            DatabaseUnavailableError: it can't be read.
        """
        reader.seen = after
        await self._read_on(reader)
        await self._join(reader)

    def leave(self) -> None:
        """Watch it no more."""
        if self._reader is not None:
            self._topic.leave(self._reader)
        self._hub.unwatch(self._topic)

    async def _join(self, reader: Reader) -> None:
        self._reader = reader
        while not self._hub.join(self._topic, reader, reader.seen):
            await self._read_on(reader)

    async def _read_on(self, reader: Reader) -> None:
        """Up to what is the end now; who left meanwhile is told by `ready`, and never joins."""
        is_whole = False
        while not is_whole:
            opening = await self._openings(self._topic, reader.seen)
            is_whole = opening.is_whole
            await self._give(reader, opening)

    async def _give(self, reader: Reader, opening: Opening) -> None:
        for event in opening.events:
            reader.deliver(event)
        reader.seen = max(reader.seen, opening.seq)
        await reader.ready()
