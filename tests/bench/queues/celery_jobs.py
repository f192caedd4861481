"""Celery on Redis: `celery -A bench.queues.celery_jobs worker`, and a process that enqueues.

With its defaults, prefork and as many processes as there are cores, and without a result backend.
"""

import asyncio
import os

from celery import Celery  # type: ignore[import-not-found] # of the peers' venv

from bench.queues.stamps import REDIS_URL, send_all, stamp

app = Celery("bench", broker=os.environ[REDIS_URL])
begin = app.task(name="begin")(stamp)
"""The job."""


async def main() -> None:
    """Enqueue; Celery does so without a loop."""

    async def send(sent_ns: int) -> None:
        begin.delay(sent_ns)

    await send_all(send)


if __name__ == "__main__":
    asyncio.run(main())
