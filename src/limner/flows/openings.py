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

from limner.bus.events import StatusEvent
from limner.bus.topic import Topic
from limner.domain.errors import LimnerError, NotFoundError
from limner.store.history import Ask, History

READS: Final = 2
"""Questions at once."""
TOGETHER: Final = 64
"""Plots in one question."""
PAGE: Final = 500
"""Transitions of one plot read at once."""
ENCODED_AT_ONCE: Final = 100
"""After so many events others have their turn."""


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


class Openings:
    """Reads plots for those who begin to follow them."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._asked: dict[_Key, asyncio.Future[Opening]] = {}
        self._waiting: list[_Key] = []
        self._reading: set[asyncio.Task[None]] = set()

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
            DatabaseUnavailableError: Postgres did not answer.
        """
        key = (topic, after)
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.get_running_loop().create_future()
            self._waiting.append(key)
            self._read_more()
        return await asyncio.shield(asked)

    async def close(self) -> None:
        """Stop reading; whoever still waits is cancelled."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        for asked in self._asked.values():
            asked.cancel()

    def _read_more(self) -> None:
        while self._waiting and len(self._reading) < READS:
            keys, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            task = asyncio.create_task(self._read(keys), name="what streams begin with")
            self._reading.add(task)
            task.add_done_callback(self._has_read)

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        if not task.cancelled():
            self._read_more()

    async def _read(self, keys: list[_Key]) -> None:
        answers: dict[_Key, Opening | BaseException] = {}
        try:
            found = await self._history.openings(
                [Ask(topic.plot_id, after) for topic, after in keys], count=PAGE
            )
            for key, plot in zip(keys, found, strict=True):
                if plot is None:
                    answers[key] = NotFoundError("There is no such plot.")
                    continue
                events = []
                for number, transition in enumerate(plot.transitions, start=1):
                    events.append(StatusEvent.of(transition))
                    if number % ENCODED_AT_ONCE == 0:
                        await asyncio.sleep(0)
                is_whole = plot.is_snapshot or len(events) < PAGE
                seq = plot.seq if is_whole else events[-1].seq
                answers[key] = Opening(plot.owner, seq, events, is_whole)
        except LimnerError as error:
            # and those who wait in line, rather than have each wait as long again in vain
            keys, self._waiting = [*keys, *self._waiting], []
            answers = dict.fromkeys(keys, error)
        except BaseException as error:
            answers = dict.fromkeys(keys, error)
            raise
        finally:
            for key in keys:
                self._answer(key, answers[key])

    def _answer(self, key: _Key, answer: Opening | BaseException) -> None:
        asked = self._asked.pop(key)
        if asked.cancelled():
            return
        if isinstance(answer, Opening):
            asked.set_result(answer)
        elif isinstance(answer, asyncio.CancelledError):
            asked.cancel()
        else:
            asked.set_exception(answer)
            asked.exception()  # all who asked may have left; then nobody else hears of it


@asynccontextmanager
async def open_openings(history: History) -> AsyncIterator[Openings]:
    """Somebody who reads for as long as the block runs."""
    openings = Openings(history)
    try:
        yield openings
    finally:
        await openings.close()
