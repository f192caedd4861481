"""Reading what streams begin with: many that arrive together in one question.

After a restart thousands of readers come back within seconds, and a question for each would cost
more than everything else about them. So who comes first is asked for at once; who comes while
Postgres is busy with those before waits for its answer, and is asked for together with all others
who wait by then. Whoever asks the same as somebody before gets the same answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner import log
from limner.bus.events import StatusEvent
from limner.bus.topic import Topic
from limner.domain.errors import DatabaseUnavailableError, LimnerError, NotFoundError
from limner.store.history import Ask, History

READS: Final = 2
"""Questions at once."""
TOGETHER: Final = 32
"""Plots in one question."""
PAGE: Final = 128
"""Transitions of one plot read at once: who needs more asks again."""
PATIENCE_SECONDS: Final = 4.0
"""So long a reader waits while nobody gets an answer; then it had better come back later."""
LONGEST_SECONDS: Final = 20.0
"""And so long in a line that moves: there are proxies that wait for no more than 30."""
ENCODED_AT_ONCE: Final = 100
"""After so many events others have their turn."""

_log = log.get()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a stream begins with, as of one instant."""

    owner: str
    seq: int
    """The number up to which it is all that a reader needs; the plot's, if `is_whole`."""
    events: list[StatusEvent]
    is_whole: bool
    """Whether there was nothing more at that instant."""


_Key = tuple[Topic, int | None]


@dataclass(slots=True)
class _Asked:
    """What somebody waits for."""

    answer: asyncio.Future[Opening]
    waiting: int = 0
    """How many wait for it."""


class Openings:
    """Reads plots for those who begin to follow them."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._asked: dict[_Key, _Asked] = {}
        self._waiting: list[_Key] = []
        self._reading: set[asyncio.Task[None]] = set()
        self._answered_at = 0.0
        """When somebody got an answer last, by the event loop's clock."""

    async def __call__(self, topic: Topic, after: int | None) -> Opening:
        """What a plot's stream begins with.

        Sharing a read that has already begun is safe: the topic was watched before it began, so
        whatever it does not contain, `Topic.join` knows of.

        Args:
            topic: of which plot; it is watched by whoever asks.
            after: the number up to which the reader has everything; None, or one that the plot
                has not come to, for the newest of each character.

        Raises:
            NotFoundError: there is no such plot.
            DatabaseUnavailableError: Postgres did not answer in time.
        """
        key = (topic, after)
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = _Asked(asyncio.get_running_loop().create_future())
            self._waiting.append(key)
        asked.waiting += 1
        try:
            self._read_more()
            await self._wait_for(asked.answer)
        finally:
            asked.waiting -= 1
        return await asked.answer

    async def close(self) -> None:
        """Stop reading; whoever still waits is cancelled."""
        self._waiting.clear()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        for asked in self._asked.values():
            asked.answer.cancel()

    async def _wait_for(self, answer: asyncio.Future[Opening]) -> None:
        """Wait until it is there, for as long as it is to be hoped for.

        Raises:
            DatabaseUnavailableError: it is not.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not answer.done():
            hoped_until = max(began, self._answered_at) + PATIENCE_SECONDS
            left_seconds = min(hoped_until, began + LONGEST_SECONDS) - loop.time()
            if left_seconds <= 0:
                raise DatabaseUnavailableError("The database has too much to do just now.")
            await asyncio.wait([answer], timeout=left_seconds)

    def _read_more(self) -> None:
        while self._waiting and len(self._reading) < READS:
            line = [key for key in self._waiting if self._is_wanted(key)]
            keys, self._waiting = line[:TOGETHER], line[TOGETHER:]
            if not keys:
                return
            task = asyncio.create_task(self._read(keys), name="what streams begin with")
            self._reading.add(task)
            task.add_done_callback(self._has_read)

    def _is_wanted(self, key: _Key) -> bool:
        """Whether somebody still waits for it; else it is forgotten."""
        if self._asked[key].waiting:
            return True
        del self._asked[key]
        return False

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        self._read_more()

    async def _read(self, keys: list[_Key]) -> None:
        try:
            await self._answer(keys)
        except LimnerError as error:
            self._refuse(keys, error)
        except Exception as error:  # noqa: BLE001 - it is told to who has asked, and others wait
            if len(keys) == 1:
                _log.exception("Could not read what a stream begins with", plot=keys[0][0].plot_id)
                self._refuse(keys, error)
                return
            for key in keys:  # one that can't be read is the trouble of those who ask for it
                if key in self._asked:
                    await self._read([key])

    async def _answer(self, keys: list[_Key]) -> None:
        found = await self._history.openings(
            [Ask(topic.plot_id, after) for topic, after in keys], count=PAGE
        )
        for key, plot in zip(keys, found, strict=True):
            if plot is None:
                self._refuse([key], NotFoundError("There is no such plot."))
                continue
            events = []
            for number, transition in enumerate(plot.transitions, start=1):
                events.append(StatusEvent.of(transition))
                if number % ENCODED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            is_whole = plot.is_snapshot or len(events) < PAGE
            seq = plot.seq if is_whole else events[-1].seq
            answer = self._asked.pop(key).answer
            self._answered_at = asyncio.get_running_loop().time()
            if not answer.done():
                answer.set_result(Opening(plot.owner, seq, events, is_whole))

    def _refuse(self, keys: list[_Key], error: Exception) -> None:
        for key in keys:
            asked = self._asked.pop(key, None)
            if asked is not None and not asked.answer.done():
                asked.answer.set_exception(error)
                asked.answer.exception()  # all who asked may have left; then nobody hears of it


@asynccontextmanager
async def open_openings(history: History) -> AsyncIterator[Openings]:
    """Somebody who reads for as long as the block runs."""
    openings = Openings(history)
    try:
        yield openings
    finally:
        await openings.close()
