"""The hub: one subscription of this process, and all its streams.

Each watched plot is a topic with a head, the newest number that went to its followers. The next
number is passed on; one at or below the head is dropped; one that skips a number means that one was
not carried, and what is missing is read from Postgres. The same is done by the clock for all topics
in one question, and at once after every gap in the subscription: a lost PUBLISH is repaired, not
hoped against, and streams work with no Redis at all, only later.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log
from limner.bus.channels import HINT_PREFIX, STATUS_PREFIX
from limner.bus.events import HintEvent, StatusEvent
from limner.bus.past import PAGE, Past
from limner.bus.subscriber import OnMessage, Subscriber
from limner.bus.topic import Follower, Topic
from limner.domain.errors import DatabaseUnavailableError

SWEEP_SECONDS = 2.0
"""How often Postgres is asked whether a plot is ahead of its topic."""
PAUSE_SECONDS = 0.5
"""Everybody who edits a watched plot asks for a sweep."""
NET_SWEEPS = 10
"""Each so many sweeps it is asked of everybody who is followed whether they were deleted."""
SWEPT_AT_ONCE = 2000
"""Plots in one question."""

_log = log.get()


class Hub:
    """Knows the watched plots and brings each event to their followers.

    Args:
        past: where to read what Redis did not carry.
        pause_seconds: between two sweeps at the least.
    """

    def __init__(self, past: Past, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._past = past
        self._pause_seconds = pause_seconds
        self.hears = asyncio.Event()
        """Set while messages can be heard; without them, everything is found by looking."""
        self._topics: dict[str, Topic] = {}
        self._sweep_now = asyncio.Event()
        self._changed: set[str] = set()
        self._until_net = 0
        self.stirred = asyncio.Event()
        """Set when somebody may have moved in the queue, or somebody has come who asks for it."""
        self.taps: set[OnMessage] = set()
        """Who hears every message, of whatever plot."""
        self._group = asyncio.TaskGroup()

    def watch(self, plot_id: str) -> Topic:
        """The plot's topic, kept up to date until `unwatch`."""
        topic = self._topics.get(plot_id)
        if topic is None:
            topic = self._topics[plot_id] = Topic(plot_id)
        topic.watchers += 1
        return topic

    def unwatch(self, topic: Topic) -> None:
        """Somebody who watched a topic does so no more."""
        topic.watchers -= 1
        if not topic.watchers:
            self._forget(topic)

    def join(self, topic: Topic, follower: Follower, seen: int) -> bool:
        """See `Topic.join`; what is known to be missing then is read at once."""
        has_joined = topic.join(follower, seen)
        self._repair_soon(topic)
        if topic.is_asking:
            self.stirred.set()
        return has_joined

    def queueing(self) -> list[Topic]:
        """The topics in which somebody waits in the queue, or may."""
        return [
            topic
            for topic in self._topics.values()
            if topic.followers and (topic.is_asking or topic.places)
        ]

    def place(self, topic: Topic, seq: int, places: dict[str, HintEvent]) -> None:
        """See `Topic.place`; what the number shows to be missing is read at once."""
        topic.wanted = max(topic.wanted, seq)
        topic.place(seq, places)
        self._repair_soon(topic)
        if topic.is_asking:
            self.stirred.set()

    def on_message(self, channel: str, message: bytes) -> None:
        """Bring a message from Redis to those it concerns."""
        for tap in self.taps:
            tap(channel, message)
        if channel.startswith(STATUS_PREFIX):
            self.stirred.set()  # a move in any plot moves those of all others in the queue
        topic = self._topics.get(channel.rpartition(":")[2])
        if topic is None:
            return
        try:
            if channel.startswith(STATUS_PREFIX):
                topic.take(StatusEvent.parse(message))
                self._repair_soon(topic)
            elif channel.startswith(HINT_PREFIX):
                hint = HintEvent.parse(message)
                topic.pass_on(hint)
                if hint.character_id is None:
                    self._changed.add(topic.plot_id)  # it may be gone, or somebody in it
                    self._sweep_now.set()
        except ValueError as error:
            _log.warning("Left out a message that is not ours", channel=channel, why=str(error))

    def on_gap(self) -> None:
        """Look into Postgres now: messages may have been missed."""
        self._until_net = 0
        self._sweep_now.set()

    async def run(self) -> None:
        """Sweep by the clock and when told to, for as long as the process lives."""
        async with self._group:
            while True:
                wait_seconds = SWEEP_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 - jitter
                await asyncio.sleep(self._pause_seconds)
                try:
                    async with asyncio.timeout(wait_seconds - self._pause_seconds):
                        await self._sweep_now.wait()
                except TimeoutError:
                    pass
                self._sweep_now.clear()
                if self._topics:
                    await self._sweep()

    async def _sweep(self) -> None:
        topics = list(self._topics.values())
        followed = self._doubted()
        try:
            # in this order: the number is then past all that a deleted character has done
            gone = await self._past.gone(list(followed)) if followed else set()
            for first in range(0, len(topics), SWEPT_AT_ONCE):
                await self._catch_up(topics[first : first + SWEPT_AT_ONCE])
        except DatabaseUnavailableError as error:
            self._until_net = 0
            _log.warning("Could not look for missed transitions", why=str(error))
            return
        except Exception:  # noqa: BLE001 - one bad answer must not end all repairs to come
            self._until_net = 0
            _log.exception("Could not look for missed transitions")
            return
        for topic in {followed[character_id] for character_id in gone}:
            if not topic.end_those_of(gone):
                self._changed.add(topic.plot_id)

    async def _catch_up(self, topics: list[Topic]) -> None:
        """Find those that are not where Postgres is: as a rule nobody, and nothing is to do."""
        heads = {topic.plot_id: topic.head or 0 for topic in topics}
        strayed = await self._past.strayed(heads)
        for topic in topics if strayed else ():
            if topic.plot_id not in strayed:
                continue
            newest = strayed[topic.plot_id]
            if newest is None or newest < heads[topic.plot_id]:
                # the plot is gone, or what was passed on was never true: they must begin anew
                self._forget(topic)
                topic.end()
            else:
                topic.wanted = max(topic.wanted, newest)
                self._repair_soon(topic)

    def _doubted(self) -> dict[str, Topic]:
        """Of those who are followed, who may have been deleted since this was asked before.

        That is everybody in a plot that has changed, and now and then everybody: the message that
        it has may have been lost. While nothing is heard it is everybody each time.
        """
        self._until_net -= 1
        changed, self._changed = self._changed, set()
        if self._until_net <= 0 or not self.hears.is_set():
            self._until_net = NET_SWEEPS
            changed = set(self._topics)
        return {
            follower.character_id: self._topics[plot_id]
            for plot_id in changed & self._topics.keys()
            for follower in self._topics[plot_id].followers
            if follower.character_id is not None
        }

    def _forget(self, topic: Topic) -> None:
        if self._topics.get(topic.plot_id) is topic:
            del self._topics[topic.plot_id]

    def _repair_soon(self, topic: Topic) -> None:
        if topic.is_behind and not topic.is_repairing:
            topic.is_repairing = True
            self._group.create_task(self._repair(topic), name=f"repair {topic.plot_id}")

    async def _repair(self, topic: Topic) -> None:
        try:
            while topic.head is not None and topic.is_behind:
                # a number that Postgres does not know was never true; one that comes while it is
                # asked may be, and counts anew
                wanted, topic.wanted = topic.wanted, topic.head
                page = await self._past.replay(topic.plot_id, after=topic.head, count=PAGE)
                for transition in page:
                    topic.take(StatusEvent.of(transition))
                if page:
                    topic.wanted = max(topic.wanted, wanted)
        except DatabaseUnavailableError as error:
            _log.warning("Could not read missed transitions", plot=topic.plot_id, why=str(error))
        except Exception:  # noqa: BLE001 - the next sweep tries again; this task's group must live
            _log.exception("Could not read missed transitions", plot=topic.plot_id)
        finally:
            topic.is_repairing = False
            if topic.is_asking:
                self.stirred.set()


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
    hub.hears = subscriber.is_live
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
