"""Waiting for a character's status to change: polling that does not have to ask again and again.

It follows the plot as a stream does, so it hears at once, loses nothing and needs no Redis. What is
answered is read from Postgres all the same: an event only says when it is worth it.
"""

import asyncio
from collections.abc import Callable

from limner.bus.events import Event, StatusEvent
from limner.flows.follow import Follow
from limner.store.history import History, Polled

READS = 3
"""Questions at once: the other connections of the pool are for those who do not wait."""


class Waiter:
    """Somebody who waits for news of one character.

    Args:
        character_id: of whom.
    """

    def __init__(self, character_id: str) -> None:
        self.character_id = character_id
        self.seen = 0
        self.is_ended = False
        """Whether nothing more will be heard: the plot is gone, or the character."""
        self.is_dismissed = False
        """Whether to answer at once, with what is known."""
        self._news = asyncio.Event()

    def deliver(self, event: Event) -> None:
        """Only a status of the character is news: each piece of it costs a question."""
        if isinstance(event, StatusEvent) and event.character_id == self.character_id:
            self._news.set()

    def end(self) -> None:
        """Nothing more will be heard."""
        self.is_ended = True
        self._news.set()

    def dismiss(self) -> None:
        """Nobody listens any more, or this process has to stop."""
        self.is_dismissed = True
        self._news.set()

    async def ready(self) -> None:
        """What is delivered takes no time."""

    async def hear(self, until: float) -> bool:
        """Wait for news; False when there is none by then, by the event loop's clock."""
        try:
            async with asyncio.timeout_at(until):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Wait:
    """Holds an answer until there is something to say."""

    def __init__(self, follow: Follow, history: History) -> None:
        self._follow = follow
        self._history = history
        self._gate = asyncio.Semaphore(READS)
        self._next: dict[tuple[str, str], asyncio.Task[Polled]] = {}

    async def __call__(
        self,
        waiter: Waiter,
        polled: Polled,
        owner: str,
        *,
        seconds: float,
        is_enough: Callable[[Polled], bool],
    ) -> Polled:
        """Wait until a status is worth telling.

        Args:
            waiter: who waits; whoever calls its `dismiss` cuts the wait short.
            polled: where the character stood a moment ago.
            owner: who asks.
            seconds: how long at the most.
            is_enough: whether a status is worth telling.

        Returns:
            The status that is, or after that time the one there is.

        Raises:
            NotFoundError: the character is gone.
            DatabaseUnavailableError: Postgres did not answer.
        """
        if seconds <= 0 or is_enough(polled):
            return polled
        until = asyncio.get_running_loop().time() + seconds
        with self._follow.watching(polled.plot_id, waiter) as bring_in:
            await bring_in(polled.plot_seq)
            has_time = True
            while has_time and not is_enough(polled):
                has_time = await waiter.hear(until) and not waiter.is_ended
                if waiter.is_dismissed:
                    break
                polled = await self._newest(polled.character_id, owner)
        return polled

    async def _newest(self, character_id: str, owner: str) -> Polled:
        """Where a character stands: one read for all who ask before it begins.

        All who wait for a character hear of it at the same moment. Each with a question of their
        own, thousands of them would keep everybody else from the pool.
        """
        whom = character_id, owner
        reading = self._next.get(whom)
        if reading is None:
            reading = self._next[whom] = asyncio.create_task(self._read(whom), name="poll for all")
            reading.add_done_callback(_heard)
        return await asyncio.shield(reading)

    async def _read(self, whom: tuple[str, str]) -> Polled:
        async with self._gate:
            del self._next[whom]  # who asks from now on asks for something newer
            return await self._history.poll(*whom)


def _heard(reading: asyncio.Task[Polled]) -> None:
    """All who waited for it may have left; then nobody else asks how it ended."""
    if not reading.cancelled():
        reading.exception()
