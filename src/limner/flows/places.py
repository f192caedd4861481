"""Telling those who wait in the queue how many are before them.

Each API process finds it out for the plots that its streams follow, and tells them itself: a place
in the queue changes for everybody behind with each move of somebody before, and to carry that
through Redis would cost a message for each who waits at each move of anybody.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log
from limner.bus.events import HintEvent
from limner.bus.hub import Hub
from limner.bus.topic import Topic
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.progress import queued_object
from limner.domain.queue import PlotQueue
from limner.store.history import History

GATHER_SECONDS = 0.1
"""Moves come in bursts, and with a worker free nobody waits for longer than this: then nothing is
told."""
PAUSE_SECONDS = 0.4
"""So Postgres is asked at most twice a second, if not for very many plots."""
NET_SECONDS = 3.0
"""While somebody waits it is asked so often all the same: a move may not have been heard of."""
ASKED_AT_ONCE = 5000
"""Plots in one question, each of which numbers all who wait, whoever they are."""
TOLD_AT_ONCE = 20
"""After so many plots others have their turn."""

_log = log.get()


class Places:
    """Tells the followers of plots where in the queue those stand who wait.

    Args:
        hub: who knows what is followed here, and brings it there.
        history: who knows the queue.
    """

    def __init__(self, hub: Hub, history: History) -> None:
        self._hub = hub
        self._history = history
        self._is_called_for = False
        """Whether at the last look somebody waited, or might."""

    async def run(self) -> None:
        """Tell it whenever it changes, for as long as the process lives."""
        while True:
            await self._until_called()
            await asyncio.sleep(GATHER_SECONDS)
            self._hub.stirred.clear()
            try:
                await self()
            except DatabaseUnavailableError as error:
                _log.warning("Could not look into the queue", why=str(error))
            except Exception:  # noqa: BLE001 - whatever it was, the next look may do better
                _log.exception("Could not look into the queue")
            await asyncio.sleep(PAUSE_SECONDS)

    async def __call__(self) -> None:
        """Tell what is new; nothing is asked when nobody who is followed may wait.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        topics = self._hub.queueing()
        self._is_called_for = bool(topics)
        for first in range(0, len(topics), ASKED_AT_ONCE):
            await self._tell(topics[first : first + ASKED_AT_ONCE])

    async def _tell(self, topics: list[Topic]) -> None:
        found = await self._history.waiting({topic.plot_id: topic.head or 0 for topic in topics})
        for number, topic in enumerate(topics, start=1):
            if number % TOLD_AT_ONCE == 0:
                await asyncio.sleep(0)
            if (waiting := found.get(topic.plot_id)) is not None:
                self._hub.place(topic, waiting.seq, _hints(waiting))

    async def _until_called(self) -> None:
        wait_seconds = NET_SECONDS if self._is_called_for else None
        try:
            async with asyncio.timeout(wait_seconds):
                await self._hub.stirred.wait()
        except TimeoutError:
            pass


@asynccontextmanager
async def telling_places(hub: Hub, history: History) -> AsyncIterator[None]:
    """Somebody at it for as long as the block runs."""
    task = asyncio.create_task(Places(hub, history).run(), name="places in the queue")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _hints(waiting: PlotQueue) -> dict[str, HintEvent]:
    return {
        place.character_id: HintEvent.progress(
            place.character_id,
            queued_object(place.character_id, place.task_id, place.position),
        )
        for place in waiting.places
    }
