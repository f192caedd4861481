"""The hub: one subscription of this process, and all its streams.

Each watched plot is a topic with a head, the newest number that went to its followers. The next
number is passed on; one at or below the head is dropped; one that skips a number means that one was
not carried, and what is missing is read from Postgres. The same is done by the clock for all topics
in one question, and at once after every gap in the subscription: a lost PUBLISH is repaired, not
hoped against, and streams work with no Redis at all, only later.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

from limner import log
from limner.bus.channels import HINT_PREFIX, STATUS_PREFIX
from limner.bus.events import HintEvent, StatusEvent
from limner.bus.subscriber import Subscriber
from limner.bus.topic import Topic
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.transition import Transition

SWEEP_SECONDS = 2.0
"""How often Postgres is asked whether a plot is ahead of its topic."""
PAGE = 500
"""Transitions read at once."""

_log = log.get()


class Past(Protocol):
    """Where the hub reads what Redis did not carry."""

    async def replay(self, plot_id: str, *, after: int, count: int) -> list[Transition]:
        """What happened in a plot after a number, in order."""
        ...

    async def newest_seqs(self, plot_ids: list[str]) -> dict[str, int]:
        """The newest numbers of plots; one that is gone is left out."""
        ...


class Hub:
    """Knows the watched plots and brings each event to their followers.

    Args:
        past: where to read what Redis did not carry.
    """

    def __init__(self, past: Past) -> None:
        self._past = past
        self._topics: dict[str, Topic] = {}
        self._sweep_now = asyncio.Event()
        self._group = asyncio.TaskGroup()

    @contextmanager
    def watching(self, plot_id: str) -> Iterator[Topic]:
        """The plot's topic, kept up to date for as long as the block runs."""
        topic = self._topics.setdefault(plot_id, Topic(plot_id))
        topic.watchers += 1
        try:
            yield topic
        finally:
            topic.watchers -= 1
            if not topic.watchers and self._topics.get(plot_id) is topic:
                del self._topics[plot_id]

    def on_message(self, channel: str, message: bytes) -> None:
        """Bring a message from Redis to those it concerns."""
        plot_id = channel.rpartition(":")[2]
        topic = self._topics.get(plot_id)
        if topic is None:
            return
        try:
            if channel.startswith(STATUS_PREFIX):
                if topic.take(StatusEvent.parse(message)):
                    self._repair_soon(topic)
            elif channel.startswith(HINT_PREFIX):
                hint = HintEvent.parse(message)
                topic.pass_on(hint)
                if hint.character_id is None:
                    self._sweep_now.set()  # the plot may be gone
        except ValueError as error:
            _log.warning("Left out a message that is not ours", channel=channel, why=str(error))

    def on_gap(self) -> None:
        """Look into Postgres now: messages may have been missed."""
        self._sweep_now.set()

    async def run(self) -> None:
        """Sweep by the clock and when told to, for as long as the process lives."""
        async with self._group:
            while True:
                wait_seconds = SWEEP_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 - jitter
                try:
                    async with asyncio.timeout(wait_seconds):
                        await self._sweep_now.wait()
                except TimeoutError:
                    pass
                self._sweep_now.clear()
                if self._topics:
                    await self._sweep()

    async def _sweep(self) -> None:
        topics = dict(self._topics)
        try:
            newest = await self._past.newest_seqs(list(topics))
        except DatabaseUnavailableError as error:
            _log.warning("Could not look for missed transitions", why=str(error))
            return
        for plot_id, topic in topics.items():
            if plot_id not in newest:
                topic.end()
            elif topic.is_behind(newest[plot_id]):
                self._repair_soon(topic)

    def _repair_soon(self, topic: Topic) -> None:
        if not topic.is_repairing:
            topic.is_repairing = True
            self._group.create_task(self._repair(topic), name=f"repair {topic.plot_id}")

    async def _repair(self, topic: Topic) -> None:
        try:
            while topic.head is not None and topic.head < topic.wanted:
                page = await self._past.replay(topic.plot_id, after=topic.head, count=PAGE)
                if not page:
                    topic.wanted = topic.head  # nobody could have known of more than Postgres does
                for transition in page:
                    topic.take(StatusEvent.of(transition))
        except DatabaseUnavailableError as error:
            _log.warning("Could not read missed transitions", plot=topic.plot_id, why=str(error))
        finally:
            topic.is_repairing = False


@asynccontextmanager
async def open_hub(url: str, past: Past) -> AsyncIterator[Hub]:
    """A hub at work for as long as the block runs. Redis need not be there yet."""
    hub = Hub(past)
    subscriber = Subscriber(
        url,
        STATUS_PREFIX + "*",
        HINT_PREFIX + "*",
        on_message=hub.on_message,
        on_gap=hub.on_gap,
    )
    tasks = [
        asyncio.create_task(subscriber.run(), name="subscriber"),
        asyncio.create_task(hub.run(), name="hub"),
    ]
    try:
        yield hub
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
