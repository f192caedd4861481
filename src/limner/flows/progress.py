"""Telling of progress: a hint, at most four times a second, that never goes backwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from limner import log
from limner.domain.errors import DrawingError
from limner.domain.progress import Kind, Progress, Stage, progress_object
from limner.domain.transition import JsonObject, Transition
from limner.flows.announce import Announcer
from limner.images.inspect import inspect

INTERVAL_SECONDS = 0.25
QUIET_SECONDS = 1.0
"""How often elapsed time is told while a provider says nothing."""
BLINK_SECONDS = 0.1
"""Of a drawing that is over by then nothing is told: its readers could not see it."""
ESTIMATED_LIMIT = 0.95
"""An estimate never claims to be further than this."""

_DRAWN = (Stage.DOWNLOADING, Stage.STORING)

_log = log.get()


class ProgressTeller:
    """Tells the readers of one attempt how far it is."""

    def __init__(self, announcer: Announcer, transition: Transition) -> None:
        self._announcer = announcer
        self._transition = transition
        self._newest = Progress(Stage.ORDERING)
        self._news = asyncio.Event()
        self._began = self._told_at = asyncio.get_running_loop().time()
        self._furthest = 0.0
        self._picture: bytes | None = None
        self._preview_url: str | None = None

    def report(self, progress: Progress) -> None:
        """Take note; what is told of it depends on the time since the last telling."""
        if progress.fraction is None and self._newest.fraction is not None:
            progress = replace(progress, fraction=self._newest.fraction)
        self._newest = progress
        self._told_at = asyncio.get_running_loop().time()
        self._news.set()

    def show(self, picture: bytes) -> None:
        """Take note of what the picture looks like so far; of several the newest is shown."""
        self._picture = picture
        self._news.set()

    async def tell(self) -> None:
        """Tell of what is new, and of the elapsed time while nothing is, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self._preview()
            await self._announcer.progress(self._transition.plot_id, self._hint())
            await asyncio.sleep(INTERVAL_SECONDS)

    async def _preview(self) -> None:
        """Put up what is newest, small, for those who look. One that can't be read is left out."""
        picture, self._picture = self._picture, None
        if picture is None:
            return
        try:
            inspected = await asyncio.to_thread(inspect, picture)
        except DrawingError as error:
            _log.debug("A preview could not be read", detail=error.detail)
            return
        url = await self._announcer.preview(self._transition.task_id, inspected.thumbnail)
        self._preview_url = url or self._preview_url

    def _hint(self) -> JsonObject:
        elapsed = asyncio.get_running_loop().time() - self._began
        left = self._left_seconds(elapsed)
        fraction, kind = self._newest.fraction, Kind.REPORTED
        if fraction is None:
            kind = Kind.ESTIMATED
            fraction = min(elapsed / (elapsed + left), ESTIMATED_LIMIT) if left else ESTIMATED_LIMIT
        self._furthest = max(self._furthest, min(max(fraction, 0.0), 1.0))
        return progress_object(
            self._transition.character_id,
            self._transition.task_id,
            stage=self._newest.stage,
            fraction=self._furthest,
            kind=kind,
            eta_seconds=left,
            preview_url=self._preview_url,
        )

    def _left_seconds(self, elapsed: float) -> float:
        """Until the picture is there: as the provider sees it, or as it usually takes."""
        if self._newest.eta_seconds is not None:
            since = asyncio.get_running_loop().time() - self._told_at
            return max(self._newest.eta_seconds - since, 0.0)
        if self._newest.stage in _DRAWN:
            return 0.0
        return max(self._transition.estimate.high_seconds - elapsed, 0.0)


@asynccontextmanager
async def telling(announcer: Announcer, transition: Transition) -> AsyncIterator[ProgressTeller]:
    """A teller at work for as long as the block runs, once that is longer than a blink."""
    teller = ProgressTeller(announcer, transition)
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        tasks.append(asyncio.create_task(teller.tell(), name=f"progress {transition.task_id}"))

    beginning = asyncio.get_running_loop().call_later(BLINK_SECONDS, begin)
    try:
        yield teller
    finally:
        beginning.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
