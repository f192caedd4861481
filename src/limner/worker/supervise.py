"""Running a worker in this process: `limner worker`.

arq's worker dies when Redis does. Here it is made anew, with patience, for as long as the process
lives; what the dead one was drawing goes on, since a drawing needs Redis only to be told of.
"""

import asyncio
import random
import signal
from typing import Any

from limner import log
from limner.jobs.queue import connect
from limner.resources import Workshop, open_workshop, redis_url
from limner.settings import Settings
from limner.worker.listen import listener
from limner.worker.poller import Poller
from limner.worker.settings import STOP_SECONDS, common

REDIS_SECONDS = 5.0
"""How long one answer of Redis may take."""
LAST_LOOK_SECONDS = 1.0
"""How long a poller that is told to stop may go on with the look into the queue it is at."""
BACKOFF_SECONDS = (0.2, 5.0)
"""The first and the longest wait before a new life; jittered."""

_log = log.get()


async def work(settings: Settings, *, grace_seconds: float = STOP_SECONDS) -> None:
    """Draw what is in the queue until SIGTERM or SIGINT.

    Args:
        settings: all of them.
        grace_seconds: how long to go on with what is being drawn when told to stop.

    Raises:
        StartError: a URL is missing, or Postgres can't be reached.
        SchemaError: the database does not fit to this program.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with open_workshop(settings) as workshop:
        _log.info("Waiting for generations", concurrency=settings.worker_concurrency)
        await Supervisor(settings, workshop, grace_seconds).run(stop)
    _log.info("Stopped")


class Supervisor:
    """Makes a poller, and another when it has died."""

    def __init__(self, settings: Settings, workshop: Workshop, grace_seconds: float) -> None:
        self._settings = settings
        self._grace_seconds = grace_seconds
        self._workshop = workshop
        self._wake = asyncio.Event()
        self._redis = connect(redis_url(settings), timeout_seconds=REDIS_SECONDS)
        self._drawing: set[asyncio.Task[Any]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then finish, or return, what is being drawn."""
        subscriber = listener(self._settings, self._workshop, self._wake)
        listening = asyncio.create_task(subscriber.run(), name="subscriber")
        recovering = asyncio.create_task(self._workshop.recover.run(), name="recover")
        retaining = asyncio.create_task(self._workshop.retain.run(), name="retain")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            shortest, longest = BACKOFF_SECONDS
            wait_seconds = shortest
            while not stop.is_set():
                lived_seconds = await self._live(stopping)
                wait_seconds = shortest if lived_seconds > longest else wait_seconds
                pause = wait_seconds * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
                await asyncio.wait([stopping], timeout=pause)
                wait_seconds = min(2 * wait_seconds, longest)
            await self._finish()
        finally:
            for task in (listening, recovering, retaining, stopping):
                task.cancel()
            await asyncio.gather(listening, recovering, retaining, stopping, return_exceptions=True)
            await self._redis.aclose(close_connection_pool=True)

    async def _live(self, stopping: asyncio.Task[Any]) -> float:
        """One life of a poller; its length in seconds."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        poller = Poller(
            self._redis,
            self._wake,
            self._drawing,
            ctx={"workshop": self._workshop},
            **common(self._settings),
        )
        life = asyncio.create_task(poller.main(), name="poller")
        await asyncio.wait([life, stopping], return_when=asyncio.FIRST_COMPLETED)
        poller.stop()
        await asyncio.wait([life], timeout=LAST_LOOK_SECONDS)
        life.cancel()
        (lost,) = await asyncio.gather(life, return_exceptions=True)
        if not stopping.done():
            _log.warning("Lost the queue, will look for it again", why=repr(lost))
        for task in poller.tasks.values():
            self._drawing.add(task)
            task.add_done_callback(self._ended)
        return loop.time() - began

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """A drawing that had outlived its poller has ended: nobody else asks it how."""
        self._drawing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("Could not tell the queue that a job has ended", why=repr(error))

    async def _finish(self) -> None:
        """Give what is being drawn some time, then cancel it: it returns its generation itself."""
        running = list(self._drawing)
        if running:
            _log.info("Stopping", drawing=len(running), grace_seconds=self._grace_seconds)
            await asyncio.wait(running, timeout=self._grace_seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
