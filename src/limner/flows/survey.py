"""Showing the queue to those who run it: read once, however many they are, and only while they are.

What every process publishes is the sign to look into Postgres again; what is shown is what was
found there. With no sign it is looked at by the clock, so a lost message, or a Redis that is away,
costs seconds. How far a drawing is, which nobody stores, is passed on as it is heard. While
Postgres can't be asked nobody is shown anything: who watches is sent away, and may come back.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log
from limner.bus.channels import HINT_PREFIX, STATUS_PREFIX
from limner.bus.events import HintEvent
from limner.bus.hub import Hub
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.survey import Survey
from limner.encoding import decode
from limner.flows.watcher import Watcher
from limner.store.surveys import Surveys

LISTED = 50
"""So many of each list are shown."""
GATHER_SECONDS = 0.1
"""Moves come in bursts: what is asked for is taken a moment later if somebody is free."""
PAUSE_SECONDS = 1.0
"""Between two looks, however much happens."""
NET_SECONDS = 2.0
"""It is looked so often all the same: a move may not have been heard of."""

_log = log.get()


class Lookout:
    """Keeps everybody who watches the queue up to date.

    Args:
        hub: who hears what happens.
        surveys: where the queue is read.
    """

    def __init__(self, hub: Hub, surveys: Surveys) -> None:
        self._hub = hub
        self._surveys = surveys
        self._shown: dict[Watcher, HintEvent] = {}
        """What each was given last."""
        self._survey: Survey | None = None
        self._event = HintEvent("queue", None, b"")
        """The survey, as everybody gets it."""
        self._reading: asyncio.Task[None] | None = None
        self._comers = 0
        self._is_stale = False
        self._called = asyncio.Event()
        self._progress: dict[str, HintEvent] = {}
        """Of those that are drawn, as it was heard last, by their task ids."""
        self._unsaid: set[str] = set()

    def watch(self) -> "QueueWatch":
        """Watch the queue from now on, for one watcher; leave it in the end."""
        self._comers += 1
        self._hub.taps.add(self._hear)
        return QueueWatch(self)

    async def run(self) -> None:
        """Look when something has happened, and by the clock, for as long as the process lives."""
        try:
            while True:
                await self._until_called()
                await asyncio.sleep(GATHER_SECONDS)
                self._called.clear()
                try:
                    await self()
                except DatabaseUnavailableError as error:
                    watchers = self._turn_all_away()
                    _log.warning("Could not survey the queue", why=str(error), watchers=watchers)
                except Exception:  # noqa: BLE001 - whatever it was, the next look may do better
                    watchers = self._turn_all_away()
                    _log.exception("Could not survey the queue", watchers=watchers)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            if self._reading is not None:
                self._reading.cancel()
                await asyncio.gather(self._reading, return_exceptions=True)

    async def __call__(self) -> None:
        """Show what is new, with one question; with none, when nobody watches or nothing happened.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        if self._is_stale and self._shown:
            await self._read()
        for watcher, event in tuple(self._shown.items()):
            # of views that nobody has taken in time only the newest is worth anything
            if event is not self._event and not watcher.is_busy:
                self._give(watcher)
        unsaid, self._unsaid = self._unsaid, set()
        for progress in [self._progress[task_id] for task_id in unsaid & self._progress.keys()]:
            for watcher in tuple(self._shown):
                if not watcher.is_busy:
                    watcher.deliver(progress)

    def leave(self, watcher: Watcher | None) -> None:
        """Somebody who watched goes; None: before they were shown anything."""
        if watcher is not None:
            self._shown.pop(watcher, None)
        self._comers -= 1
        if not self._comers:
            self._hub.taps.discard(self._hear)
            self._forget()

    def _turn_all_away(self) -> int:
        """Who is kept would go on believing what they saw last. How many they were."""
        watchers = tuple(self._shown)
        self._shown.clear()
        self._forget()
        for watcher in watchers:
            watcher.turn_away()
        return len(watchers)

    async def bring_in(self, watcher: Watcher) -> None:
        """Show somebody the queue as it is now, and from then on whenever it has changed.

        Raises:
            DatabaseUnavailableError: it can't be read.
        """
        await watcher.ready()
        while self._survey is None:
            await self._read()
            await watcher.ready()  # who has left is told so, and not kept
        self._give(watcher)
        for progress in self._progress.values():
            watcher.deliver(progress)
        self._called.set()  # somebody is there now: it is looked at by the clock
        await watcher.ready()

    async def _until_called(self) -> None:
        try:
            async with asyncio.timeout(NET_SECONDS if self._shown else None):
                await self._called.wait()
        except TimeoutError:
            self._is_stale = True

    def _give(self, watcher: Watcher) -> None:
        self._shown[watcher] = self._event
        watcher.deliver(self._event)

    async def _read(self) -> None:
        """Read the queue, once for all who ask while it is read."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._survey_anew(), name="survey of the queue")
            self._reading.add_done_callback(self._has_read)
        await asyncio.shield(self._reading)

    async def _survey_anew(self) -> None:
        self._is_stale = False  # what happens from here on may not be in it, and counts anew
        try:
            survey = await self._surveys.newest(count=LISTED)
        except BaseException:
            self._is_stale = True
            raise
        if not self._comers:
            return
        if survey != self._survey:
            self._survey = survey
            self._event = HintEvent.queue(survey)
        drawn = {entry.task_id for entry in survey.generating}
        self._progress = {
            task_id: event for task_id, event in self._progress.items() if task_id in drawn
        }

    def _has_read(self, reading: asyncio.Task[None]) -> None:
        """All who waited for it may have left; then nobody else asks how it ended."""
        self._reading = None
        if not reading.cancelled():
            reading.exception()

    def _hear(self, channel: str, message: bytes) -> None:
        if channel.startswith(STATUS_PREFIX):
            self._is_stale = True
            self._called.set()
        elif channel.startswith(HINT_PREFIX) and b'"task_id"' in message:
            self._hear_progress(message)

    def _hear_progress(self, message: bytes) -> None:
        try:
            match decode(message):
                case {"task_id": str(task_id), "character_id": str()}:
                    pass
                case _:
                    return
            event = HintEvent.parse(message)
        except ValueError:
            return  # anybody may publish; the hub speaks of it where it matters
        drawn = self._survey.generating if self._survey else ()
        if any(entry.task_id == task_id for entry in drawn):
            self._progress[task_id] = event
            self._unsaid.add(task_id)
            self._called.set()

    def _forget(self) -> None:
        """What is not kept up to date is not true for long."""
        self._survey = None
        self._progress.clear()
        self._unsaid.clear()


class QueueWatch:
    """The queue, watched for one watcher."""

    __slots__ = ("_lookout", "_watcher")

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self._watcher: Watcher | None = None

    async def bring_in(self, watcher: Watcher) -> None:
        """See `Lookout.bring_in`."""
        self._watcher = watcher
        await self._lookout.bring_in(watcher)

    def leave(self) -> None:
        """Watch it no more."""
        self._lookout.leave(self._watcher)


@asynccontextmanager
async def open_lookout(hub: Hub, surveys: Surveys) -> AsyncIterator[Lookout]:
    """A lookout at work for as long as the block runs."""
    lookout = Lookout(hub, surveys)
    task = asyncio.create_task(lookout.run(), name="lookout")
    try:
        yield lookout
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
