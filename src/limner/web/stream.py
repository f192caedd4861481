"""One event stream: a reader of a plot, or of one of its characters."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner.bus.events import Event, StatusEvent
from limner.web.frames import frame_of, heartbeat_frame, retry_frame
from limner.web.outlet import Outlet
from limner.web.wire import Line

RETRY_MS = (1000, 3000)
"""How long a client waits before it reconnects: random, so that not all come at once."""
TURNED_AWAY_MS = (5000, 15000)
"""And when what it wants can't be had just now."""


def turned_away_frame() -> bytes:
    """All that a reader gets who can't be served just now."""
    return retry_frame(random.randint(*TURNED_AWAY_MS))  # noqa: S311 - spreads the returns


class EndedError(Exception):
    """The stream has ended: whoever still brings its reader in may stop."""


class Stream:
    """Decides what of a plot's events its reader gets, and when there is nothing more to come.

    Args:
        outlet: where it goes.
        character_id: whose stream this is; None for that of the whole plot.
        until: when it is to be closed, by the event loop's clock.
        line: the connection beneath; None under a server that is not ours.
    """

    __slots__ = (
        "_is_final",
        "_is_mute",
        "_line",
        "_stay",
        "_taken_at",
        "_taken_bytes",
        "character_id",
        "is_live",
        "outlet",
        "seen",
        "spoke_at",
        "until",
    )

    def __init__(
        self, outlet: Outlet, *, character_id: str | None, until: float, line: Line | None
    ) -> None:
        self.outlet = outlet
        self.character_id = character_id
        self.until = until
        self.is_live = False
        """Whether it has caught up; before, a page of the past may be all that waits."""
        self.seen = 0
        self.spoke_at = 0.0
        self._is_final = False
        self._is_mute = True
        self._line = line
        self._stay: asyncio.Timeout | None = None
        self._taken_bytes = 0
        self._taken_at: float | None = None

    @property
    def reader(self) -> str:
        """Who reads it, as far as is known, for the log."""
        return "unknown" if self._line is None else self._line.peer

    @property
    def is_busy(self) -> bool:
        """Whether the server takes nothing for its reader just now."""
        return self.outlet.is_stuck

    @property
    def is_clogged(self) -> bool:
        """Whether this process still keeps bytes that its reader would have to take."""
        return self.outlet.is_stuck or (self._line is not None and self._line.unsent_bytes() > 0)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Around all that is done for the reader: `reset` ends it, wherever it waits."""
        stay = self._stay = asyncio.timeout(None)
        try:
            async with stay:
                yield
        except TimeoutError:
            if not stay.expired():
                raise
        finally:
            self._stay = None
            self.end()

    def greet(self) -> None:
        """Say something at once, so that the reader knows that it is connected."""
        self.say(retry_frame(random.randint(*RETRY_MS)))  # noqa: S311 - spreads reconnects

    def deliver(self, event: Event) -> None:
        """Send an event, unless the reader has it or it is not for this reader."""
        if isinstance(event, StatusEvent):
            if event.seq <= self.seen:
                return
            self.seen = event.seq
            if self.character_id not in {None, event.character_id}:
                return
            self._is_final = event.is_final
        elif self.character_id not in {None, event.character_id}:
            return
        self._is_mute = False
        self.say(frame_of(event))
        if self.is_live:
            self._end_if_final()

    def go_live(self) -> None:
        """From now on a final transition ends a character's stream; before, more may be to come.

        A reader that there was nothing to tell gets a heartbeat now: a page can't see `retry:`, and
        would have to wait for the first heartbeat to tell this from a proxy that keeps all back.
        """
        self.is_live = True
        self._end_if_final()
        if self._is_mute and not self.outlet.is_ended:
            self.say(heartbeat_frame())

    def say(self, frame: bytes) -> None:
        """Send bytes, and remember when."""
        self.outlet.write(frame)
        self.spoke_at = asyncio.get_running_loop().time()

    def turn_away(self) -> None:
        """Have its reader come back later: it can't be served just now."""
        self.say(turned_away_frame())
        self.end()

    def end(self) -> None:
        """There is nothing more to come, or the client shall come back."""
        self.outlet.end()

    def reset(self) -> None:
        """Give up a reader that does not read: cut its connection, and keep nothing for it.

        Without a line the body is broken off, and the server has to do what it can.
        """
        self.outlet.abandon()
        if self._line is not None:
            self._line.reset()
        if self._stay is not None:
            self._stay.reschedule(asyncio.get_running_loop().time())
            self._stay = None

    def stalled_seconds(self, now: float) -> float:
        """For how long, at least, its reader has taken nothing of what was sent.

        It is counted from one look to the next, so look regularly.
        """
        sent_bytes = self.outlet.sent_bytes
        if sent_bytes == self._taken_bytes and not self.outlet.is_stuck:
            self._taken_at = None  # and the kernel need not be asked again before more is sent
            return 0
        # chunks have a frame that is not counted: it only ever makes `taken_bytes` too small
        taken_bytes = sent_bytes - (0 if self._line is None else self._line.untaken_bytes())
        if self._taken_at is None or taken_bytes > self._taken_bytes:
            self._taken_at = now
        self._taken_bytes = taken_bytes
        return now - self._taken_at

    async def ready(self) -> None:
        """Wait until what was sent is on its way.

        Raises:
            EndedError: nothing more will be sent.
        """
        await self.outlet.drained()
        if self.outlet.is_ended:
            raise EndedError

    def _end_if_final(self) -> None:
        if self._is_final and self.character_id is not None:
            self.end()
