"""SAQ on Redis: `saq bench.queues.saq_jobs.settings`, and a process that enqueues.

With its defaults, ten jobs at once.
"""

import asyncio
import os
from typing import Any

from redis.asyncio import Redis
from saq.queue.redis import RedisQueue  # type: ignore[import-not-found] # of the peers' venv

from bench.queues.stamps import REDIS_URL, send_all, stamp

queue = RedisQueue(Redis.from_url(os.environ[REDIS_URL]))
"""Made by hand, because `Queue.from_url` does not know Unix sockets."""


async def begin(_ctx: Any, *, sent_ns: int) -> None:
    """The job."""
    stamp(sent_ns)


settings = {"queue": queue, "functions": [begin]}


async def main() -> None:
    """Enqueue."""
    await queue.connect()
    await send_all(lambda sent_ns: queue.enqueue("begin", sent_ns=sent_ns))
    await queue.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
