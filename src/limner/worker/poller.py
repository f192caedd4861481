"""arq's worker, which looks into the queue at once when there is something in it.

arq sleeps half a second between two looks, so a job waits a quarter of a second on average. Here a
message on the wake-up channel, or a job that has finished and left its place, ends the sleep; the
half second stays as the net below a message that was lost.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from arq import ArqRedis
from arq.worker import Worker


class Poller(Worker):
    """One life of a worker: it ends with an error when Redis is lost, and a new one is made.

    Args:
        redis: a client of the queue with socket timeouts; arq's own would hang with a frozen Redis.
        wake: set when there may be something in the queue.
        outlived: what a poller before this one began and is still being drawn; it takes up places.
        settings: arq's own, see `worker.settings`.
    """

    def __init__(
        self,
        redis: ArqRedis,
        wake: asyncio.Event,
        outlived: Iterable[asyncio.Task[Any]] = (),
        **settings: Any,
    ) -> None:
        super().__init__(
            redis_pool=redis,
            handle_signals=False,
            after_job_end=self._job_ended,
            **settings,
        )
        self._wake = wake
        for task in outlived:
            self.job_counter += 1
            task.add_done_callback(self._place_freed)

    def stop(self) -> None:
        """Take nothing more; `main` ends with the look it is at.

        Not cancelled: between the mark in Redis that a job is run here and the job itself is a
        moment at which it would be run by nobody, for as long as the mark lasts.
        """
        self.allow_pick_jobs = False
        self._wake.set()

    async def main(self) -> None:
        """Look into the queue when woken, and every half second, until stopped."""
        self.ctx["redis"] = self.pool
        while self.allow_pick_jobs:
            self._wake.clear()
            await self._poll_iteration()
            try:
                async with asyncio.timeout(self.poll_delay_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _place_freed(self, _task: asyncio.Task[Any]) -> None:
        self.job_counter -= 1
        self._wake.set()

    async def _job_ended(self, ctx: dict[str, Any]) -> None:  # noqa: ARG002 - arq's hook
        """Look again when the place is free: arq calls this in the job's task, before it ends."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - see above
        task.add_done_callback(lambda _: self._wake.set())
