"""One event stream: a reader of a plot, or of one of its characters."""

import asyncio
import random

from limner.bus.events import Event, StatusEvent
from limner.web.frames import frame_of, retry_frame
from limner.web.outlet import Outlet

RETRY_MS = (1000, 3000)
"""How long a client waits before it reconnects: random, so that not all come at once."""


class Stream:
    """Decides what of a plot's events its reader gets, and when there is nothing more to come.

    Args:
        outlet: where it goes.
        character_id: whose stream this is; None for that of the whole plot.
        until: when it is to be closed, by the event loop's clock.
    """

    __slots__ = ("_character_id", "_is_final", "_is_live", "outlet", "seen", "spoke_at", "until")

    def __init__(self, outlet: Outlet, *, character_id: str | None, until: float) -> None:
        self.outlet = outlet
        self.until = until
        self.seen = 0
        self.spoke_at = 0.0
        self._character_id = character_id
        self._is_final = False
        self._is_live = False

    def greet(self) -> None:
        """Say something at once, so that the reader knows that it is connected."""
        self.say(retry_frame(random.randint(*RETRY_MS)))  # noqa: S311 - spreads reconnects

    def deliver(self, event: Event) -> None:
        """Send an event, unless the reader has it or it is not for this reader."""
        if isinstance(event, StatusEvent):
            if event.seq <= self.seen:
                return
            self.seen = event.seq
            if self._character_id not in {None, event.character_id}:
                return
            self._is_final = event.is_final
        elif self._character_id not in {None, event.character_id}:
            return
        self.say(frame_of(event))
        if self._is_live:
            self._end_if_final()

    def go_live(self) -> None:
        """From now on a final transition ends a character's stream; before, more may be to come."""
        self._is_live = True
        self._end_if_final()

    def say(self, frame: bytes) -> None:
        """Send bytes, and remember when."""
        self.outlet.write(frame)
        self.spoke_at = asyncio.get_running_loop().time()

    def end(self) -> None:
        """There is nothing more to come, or the client shall come back."""
        self.outlet.end()

    async def ready(self) -> None:
        """Wait until what was sent is on its way."""
        await self.outlet.drained()

    def _end_if_final(self) -> None:
        if self._is_final and self._character_id is not None:
            self.end()
