"""One event stream: a reader of a plot, of one of its characters, or of the queue."""

import asyncio
import random
from collections.abc import Callable

from limner.bus.events import Event, StatusEvent
from limner.web.frames import frame_of, heartbeat_frame, retry_frame
from limner.web.outlet import Outlet

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
        doubt: called when it has sent something of which nobody knows yet whether it is taken.
    """

    __slots__ = (
        "_doubt",
        "_is_final",
        "_is_mute",
        "_taken_at",
        "_taken_bytes",
        "character_id",
        "is_doubted",
        "is_live",
        "outlet",
        "seen",
        "slot",
        "spoke_at",
        "until",
    )

    def __init__(
        self,
        outlet: Outlet,
        *,
        character_id: str | None,
        until: float,
        doubt: "Callable[[Stream], None]",
    ) -> None:
        self.outlet = outlet
        self.character_id = character_id
        self.until = until
        self.is_live = False
        """Whether it has caught up; before, a page of the past may be all that waits."""
        self.is_doubted = False
        """Whether it is known that it has sent something."""
        self.seen = 0
        self.slot = 0
        """Where the wheel has it, which alone uses this."""
        self.spoke_at = 0.0
        self._doubt = doubt
        self._is_final = False
        self._is_mute = True
        self._taken_bytes = 0
        self._taken_at: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether nothing is taken for its reader just now."""
        return self.outlet.is_stuck

    @property
    def is_clogged(self) -> bool:
        """Whether this process still keeps bytes that its reader would have to take."""
        return self.outlet.is_stuck or self.outlet.unsent_bytes() > 0

    def greet(self) -> None:
        """Say something at once, so that the reader knows that it is connected."""
        self.say(retry_frame(random.randint(*RETRY_MS)))  # noqa: S311 - spreads reconnects

    def deliver(self, event: Event) -> None:
        """Send an event, unless the reader has it or it is not for this reader."""
        if isinstance(event, StatusEvent):
            if event.seq <= self.seen:
                return
            self.seen = event.seq
            if self.character_id is not None:
                if self.character_id != event.character_id:
                    return
                self._is_final = event.is_final
        elif self.character_id is not None and self.character_id != event.character_id:
            return
        self._is_mute = False
        self.say(frame_of(event))
        if self.is_live and self._is_final:
            self.end()

    def go_live(self) -> None:
        """From now on a final transition ends a character's stream; before, more may be to come.

        A reader that there was nothing to tell gets a heartbeat now: a page can't see `retry:`, and
        would have to wait for the first heartbeat to tell this from a proxy that keeps all back.
        """
        self.is_live = True
        if self._is_final:
            self.end()
        if self._is_mute and not self.outlet.is_ended:
            self.say(heartbeat_frame())

    def say(self, frame: bytes) -> None:
        """Send bytes, and remember when."""
        self.outlet.write(frame)
        self.spoke_at = asyncio.get_running_loop().time()
        if not self.is_doubted:
            self._doubt(self)

    def turn_away(self) -> None:
        """Have its reader come back later: it can't be served just now."""
        self.say(turned_away_frame())
        self.end()

    def end(self) -> None:
        """There is nothing more to come, or the client shall come back."""
        self.outlet.end()
        if not self.is_doubted:
            self._doubt(self)

    def reset(self) -> None:
        """Give up a reader that does not read: cut its connection, and keep nothing for it."""
        self.outlet.reset()

    def stalled_seconds(self, now: float) -> float | None:
        """For how long, at least, its reader has taken nothing of what was sent; None: it has all.

        It is counted from one look to the next, so look regularly until it has all.
        """
        sent_bytes = self.outlet.sent_bytes
        untaken_bytes = self.outlet.untaken_bytes()
        if not untaken_bytes and not self.outlet.is_stuck:
            self._taken_at = None
            return None
        taken_bytes = sent_bytes - untaken_bytes
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
