"""Watching an order while the server draws it, so that what is told is of this order and no other.

`/internal/progress` tells of one task by its id. Where it is not there (the server runs with
`--nowebui`) only the progress of the whole server is left, which may be anybody's. Then numbers are
passed on only while nothing speaks against their being this order's: the server was idle right
before the order was sent, this process has no other order there, and the job is of the same kind,
takes as many steps and stays the same one. Its pictures are never passed on: a wrong number is a
wrong number, but the picture of somebody else's job is theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner import log
from limner.domain.errors import DrawingError, RefusedError
from limner.domain.progress import Progress, Stage
from limner.providers.automatic1111.order import PICTURES, STEPS
from limner.providers.automatic1111.reading import Job
from limner.providers.automatic1111.server import Server
from limner.providers.base import Ticket

_API_JOB: Final = "scripts_txt2img"
"""What the server calls an order of this kind that came by its API; its own page's have ids."""

_log = log.get()


@dataclass(slots=True)
class Watcher:
    """Tells of one order."""

    server: Server
    task: str
    """The id that the order is sent with."""
    ticket: Ticket
    is_alone: Callable[[], bool]
    """Whether this process has no other order at the server."""
    _tells_tasks: bool = True
    """Whether the server tells of single tasks."""
    _may_be_ours: bool = False
    """Whether what the whole server does may be this order."""
    _job: str | None = None
    """The timestamp of the job that was taken for this order's."""
    _preview: int = -1

    async def look_before(self) -> None:
        """See, before the order is sent, what the server tells, and whether it is idle.

        Raises:
            RefusedError: there is nobody at its address.
        """
        try:
            if await self.server.task(self.task, preview=None) is None:
                self._tells_tasks = False
                self._may_be_ours = (await self.server.job()).is_idle
        except RefusedError:
            raise
        except DrawingError as error:
            # the order itself will soon show whether the server is there
            _log.info("Watching begins without a first look", why=str(error), detail=error.detail)

    async def watch(self) -> None:
        """Tell of it until cancelled."""
        is_told = True
        while True:
            try:
                await (self._look_at_task() if self._tells_tasks else self._look_at_server())
            except DrawingError as error:
                if is_told:
                    _log.warning(
                        "Nobody knows how far the drawing is",
                        why=str(error),
                        detail=error.detail,
                    )
                is_told = False
            else:
                is_told = True
            await asyncio.sleep(self.server.bounds.interval_seconds)

    async def _look_at_task(self) -> None:
        task = await self.server.task(self.task, preview=self._preview)
        if task is None:
            self._tells_tasks = False
        elif task.is_drawn:
            self.ticket.report(Progress(Stage.DRAWING, task.fraction, task.eta_seconds))
            if task.preview is not None:
                self.ticket.show(task.preview)
                self._preview = -1 if task.preview_number is None else task.preview_number
        elif task.is_finished:
            self.ticket.report(Progress(Stage.DOWNLOADING, 1.0, 0.0))
        elif task.is_queued:
            self.ticket.report(Progress(Stage.QUEUED))

    async def _look_at_server(self) -> None:
        if not (self._may_be_ours and self.is_alone()):
            self._may_be_ours = False
            return
        job = await self.server.job()
        if not _is_like_ours(job):
            return
        if self._job is None:
            self._job = job.timestamp
        if job.timestamp == self._job:
            self.ticket.report(Progress(Stage.DRAWING, job.fraction, job.eta_seconds))
        else:
            self._may_be_ours = False  # the one before was not, or this one is not


def _is_like_ours(job: Job) -> bool:
    return job.name == _API_JOB and job.count == PICTURES and job.steps == STEPS


@asynccontextmanager
async def watching(watcher: Watcher) -> AsyncIterator[None]:
    """Have an order watched for as long as the block runs."""
    task = asyncio.create_task(watcher.watch(), name=f"watch {watcher.task}")
    try:
        yield
    finally:
        task.cancel()
        for broke in await asyncio.gather(task, return_exceptions=True):
            if isinstance(broke, Exception):
                _log.error("Watching a drawing broke", exc_info=broke)
