"""arq's worker, which looks into the queue at once when there is something in it.

arq sleeps half a second between two looks, so a job waits a quarter of a second on average. Here a
message on the wake-up channel, or a job that has finished and left its place, ends the sleep; the
half second stays as the net below a message that was lost.
"""

import asyncio
from typing import Any

from arq import ArqRedis
from arq.worker import Worker


class Poller(Worker):
    """One life of a worker: it ends with an error when Redis is lost, and a new one is made.

    Args:
        redis: a client of the queue with socket timeouts; arq's own would hang with a frozen Redis.
        wake: set when there may be something in the queue.
        settings: arq's own, see `worker.settings`.
    """

    def __init__(self, redis: ArqRedis, wake: asyncio.Event, **settings: Any) -> None:
        super().__init__(
            redis_pool=redis,
            handle_signals=False,
            after_job_end=self._job_ended,
            **settings,
        )
        self._wake = wake

    async def main(self) -> None:
        """Look into the queue when woken, and every half second."""
        self.ctx["redis"] = self.pool
        while True:
            self._wake.clear()
            await self._poll_iteration()
            try:
                async with asyncio.timeout(self.poll_delay_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _job_ended(self, ctx: dict[str, Any]) -> None:  # noqa: ARG002 - arq's hook
        self._wake.set()
