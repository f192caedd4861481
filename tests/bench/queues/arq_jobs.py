"""Plain arq: `python -m arq bench.queues.arq_jobs.WorkerSettings`, and a process that enqueues.

With the defaults of its documentation: a look into the queue every 0.5 s, and ten jobs at once.
"""

import asyncio
import os
from typing import Any

from arq import create_pool
from arq.connections import RedisSettings

from bench.queues.stamps import REDIS_URL, send_all, stamp


async def begin(_ctx: dict[str, Any], sent_ns: int) -> None:
    """The job."""
    stamp(sent_ns)


class WorkerSettings:
    """A worker as the documentation starts one."""

    functions = (begin,)
    redis_settings = RedisSettings.from_dsn(os.environ[REDIS_URL])


class TunedSettings:
    """A worker that nothing holds back: it looks into the queue 100 times a second."""

    functions = WorkerSettings.functions  # arq reads what a class has itself, not what it inherits
    redis_settings = WorkerSettings.redis_settings
    poll_delay = 0.01
    max_jobs = 100
    queue_read_limit = 1000


async def main() -> None:
    """Enqueue."""
    queue = await create_pool(WorkerSettings.redis_settings)
    await send_all(lambda sent_ns: queue.enqueue_job("begin", sent_ns))
    await queue.aclose(close_connection_pool=True)


if __name__ == "__main__":
    asyncio.run(main())
