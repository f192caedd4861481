"""arq's worker, which looks into the queue at once when there is something in it.

arq sleeps half a second between two looks, so a job waits a quarter of a second on average. Here a
message on the wake-up channel, or a job that has left its place to others that wait, ends the
sleep; the half second stays as the net below a message that was lost.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from arq import ArqRedis
from arq.jobs import DeserializationError, deserialize_job_raw
from arq.worker import Worker

from limner import log
from limner.jobs.taking import Job, Taker

_log = log.get()


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
        super().__init__(redis_pool=redis, handle_signals=False, **settings)
        self._wake = wake
        self._taker = Taker(
            redis, mark_seconds=self.in_progress_timeout_s, read_limit=self.queue_read_limit
        )
        self._others_wait = True
        for task in outlived:
            self._has_place(task)

    def stop(self) -> None:
        """Take nothing more; `main` ends with the look it is at.

        Not cancelled: between the mark in Redis that a job is run here and the job itself is a
        moment at which it would be run by nobody, for as long as the mark lasts.
        """
        self.allow_pick_jobs = False
        self._wake.set()

    async def main(self) -> None:
        """Look into the queue when woken, and every half second, until stopped."""
        while self.allow_pick_jobs:
            self._wake.clear()
            await self._look()
            try:
                async with asyncio.timeout(self.poll_delay_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _look(self) -> None:
        """Begin what there is a place for, and hear of those jobs that could not be left."""
        places = self.max_jobs - self.job_counter
        if places > 0:
            jobs = await self._taker.take(places)
            self._others_wait = len(jobs) == places
            for job in jobs:
                self.tasks[job.id] = asyncio.create_task(self._run(job), name=f"job {job.id}")
                self._has_place(self.tasks[job.id])
        for job_id, task in list(self.tasks.items()):
            if task.done():
                del self.tasks[job_id]
                task.result()
        await self.record_health()

    def _has_place(self, task: asyncio.Task[Any]) -> None:
        self.job_counter += 1
        task.add_done_callback(self._place_freed)

    def _place_freed(self, _task: asyncio.Task[Any]) -> None:
        self.job_counter -= 1
        if self._others_wait:
            self._wake.set()

    async def _run(self, job: Job) -> None:
        """Do a job, and take it out of the queue; one that is cancelled stays there."""
        is_done = False
        try:
            await self._do(job)
            is_done = True
        finally:
            await self._taker.leave(job, is_done=is_done)

    async def _do(self, job: Job) -> None:
        """Do what a job says, if it says something. What goes wrong is told, and is no error."""
        if job.body is None:
            _log.warning("A job has outlived its body", job=job.id)
            return
        try:
            name, args, kwargs, _, _ = deserialize_job_raw(
                job.body, deserializer=self.job_deserializer
            )
            function = self.functions[name]
        except (DeserializationError, KeyError) as error:
            self.jobs_failed += 1
            _log.warning("A job says nothing that can be done", job=job.id, why=repr(error))
            return
        try:
            async with asyncio.timeout(function.timeout_s or self.job_timeout_s):
                await function.coroutine(self.ctx, *args, **kwargs)
        except Exception:  # noqa: BLE001 - whatever it was, it would be the same the next time
            self.jobs_failed += 1
            _log.exception("A job broke", job=job.id)
        else:
            self.jobs_complete += 1
