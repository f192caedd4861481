"""How arq is told to behave. Its own ideas of retries and results are all switched off.

Attempts are counted in Postgres, so arq may run a job as often as it likes; a job id is used for
one dispatch only, so no result is kept that would block it; and a drawing has its own time limit,
so arq's is only a net below it.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from arq.connections import RedisSettings
from arq.worker import Function, func

from limner import log
from limner.jobs.queue import FUNCTION, QUEUE, deserialize, serialize
from limner.resources import open_workshop, redis_url
from limner.settings import Settings
from limner.worker.jobs import generate_character_image
from limner.worker.listen import listener

MAX_TRIES = 1_000_000
MARGIN_SECONDS = 60
"""How much longer than an attempt a job may take: waiting for Postgres is part of it."""
STOP_SECONDS = 10.0
"""How long a worker that is told to stop waits for what it is drawing."""
QUEUE_READ_LIMIT = 2000
"""Ids read at each poll. Ids that run elsewhere stay in the queue, and must not fill a reading."""


class WorkerSettings:
    """What `arq` reads from a class; `worker_settings` makes one with the settings filled in."""

    functions: list[Function]
    queue_name: str
    redis_settings: RedisSettings
    max_jobs: int


def worker_settings(settings: Settings) -> type[WorkerSettings]:
    """The class that `arq limner.worker.WorkerSettings` finds."""
    stack = AsyncExitStack()

    async def on_startup(ctx: dict[str, Any]) -> None:
        log.configure(settings.log_format, settings.log_level)
        workshop = await stack.enter_async_context(open_workshop(settings))
        ctx["workshop"] = workshop
        recovering = asyncio.create_task(workshop.recover.run(), name="recover")
        listening = asyncio.create_task(listener(settings, workshop).run(), name="subscriber")
        retaining = asyncio.create_task(workshop.retain.run(), name="retain")
        for task in (recovering, retaining, listening):
            stack.push_async_callback(asyncio.wait, [task])
            stack.callback(task.cancel)

    async def on_shutdown(_ctx: dict[str, Any]) -> None:
        await stack.aclose()

    attributes = {
        **common(settings),
        "__doc__": "arq's settings for a worker of Limner.",
        "redis_settings": RedisSettings.from_dsn(redis_url(settings)),
        "on_startup": staticmethod(on_startup),
        "on_shutdown": staticmethod(on_shutdown),
        "job_completion_wait": STOP_SECONDS,
    }
    return type("WorkerSettings", (WorkerSettings,), attributes)


def common(settings: Settings) -> dict[str, Any]:
    """What holds for arq's worker, whoever runs it."""
    drawing = func(
        generate_character_image,
        name=FUNCTION,
        keep_result=0,
        timeout=settings.attempt_seconds + settings.deadline_seconds + MARGIN_SECONDS,
        max_tries=MAX_TRIES,
    )
    return {
        "functions": [drawing],
        "queue_name": QUEUE,
        "max_jobs": settings.worker_concurrency,
        "queue_read_limit": max(QUEUE_READ_LIMIT, 100 * settings.worker_concurrency),
        "job_serializer": serialize,
        "job_deserializer": deserialize,
        "health_check_interval": 15,
        "log_results": False,
    }
