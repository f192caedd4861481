"""Telling the rest of the world of what is committed. Nobody waits for it longer than a second."""

import asyncio
import hashlib

from limner.bus.publish import Bus
from limner.domain.transition import JsonObject, Transition
from limner.jobs.queue import Queue


class Announcer:
    """Publishes transitions and hands generations to the workers, both at best effort."""

    def __init__(self, bus: Bus, queue: Queue) -> None:
        self._bus = bus
        self._queue = queue

    async def moved(self, transition: Transition) -> bool:
        """Publish a committed transition; False when Redis did not take it."""
        return await self._bus.status(transition)

    async def queued(
        self, transition: Transition, dispatch: int, *, delay_seconds: float = 0
    ) -> None:
        """Publish a committed `pending`, and hand its generation to the workers."""
        await asyncio.gather(
            self._bus.status(transition),
            self._queue.put(transition.task_id, dispatch, delay_seconds=delay_seconds),
        )

    async def plot_changed(self, plot_id: str) -> None:
        """Tell whoever shows a plot to read it again."""
        await self._bus.hint(plot_id, {"plot_id": plot_id})

    async def progress(self, plot_id: str, hint: JsonObject) -> None:
        """Tell of progress, which is a hint and is not repeated."""
        await self._bus.hint(plot_id, hint)

    async def preview(self, task_id: str, picture: bytes) -> str | None:
        """Put up a small WebP picture of what is drawn, for five minutes.

        Returns:
            Where it can be fetched, as a path of this service; None when Redis did not take it.
        """
        digest = hashlib.sha256(picture).hexdigest()
        if not await self._bus.preview(task_id, digest, picture):
            return None
        return f"/api/generations/{task_id}/previews/{digest}.webp"

    async def again(self, task_id: str, dispatch: int) -> None:
        """Hand over a generation that the workers have lost sight of."""
        await self._queue.put(task_id, dispatch)
