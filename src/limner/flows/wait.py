"""Waiting for a character's status to change: polling that does not have to ask again and again.

It follows the plot as a stream does, so it hears at once, loses nothing and needs no Redis. What is
answered is read from Postgres all the same: an event only says when it is worth it.
"""

import asyncio
from collections.abc import Callable

from limner.bus.events import Event, StatusEvent
from limner.flows.follow import Follow
from limner.store.history import History, Polled


class Waiter:
    """Somebody who waits for news of one character.

    Args:
        character_id: of whom.
    """

    def __init__(self, character_id: str) -> None:
        self.character_id = character_id
        self.seen = 0
        self.is_over = False
        """Whether there is no use in waiting any longer, whatever has or has not happened."""
        self._news = asyncio.Event()

    @property
    def has_news(self) -> bool:
        """Whether something was delivered that has not been heard yet."""
        return self._news.is_set()

    def deliver(self, event: Event) -> None:
        """News is a status of the character, and a change of the plot: it may be gone with it.

        Progress is none: there is much of it, and each piece of news costs a question.
        """
        whom = self.character_id if isinstance(event, StatusEvent) else None
        if event.character_id == whom:
            self._news.set()

    def end(self) -> None:
        """Nothing more will be heard, or nobody listens any more."""
        self.is_over = True
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
            waiter: who waits; whoever calls its `end` cuts the wait short.
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
            while has_time and not waiter.is_over and not is_enough(polled):
                has_time = await waiter.hear(until)
                polled = await self._history.poll(polled.character_id, owner)
        return polled
