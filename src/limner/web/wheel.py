"""A timer wheel: when each stream is to be looked at next, at a cost that idle ones don't add to.

Instead of a timer for each, or a look at all of them each time, a stream lies in the slot of the
moment at which there may be something to do for it. What happens to it in between moves nothing:
whoever finds it in its slot too early puts it into a later one (Varghese and Lauck, "Hashed and
hierarchical timing wheels", 1987, scheme 6).
"""

from typing import Final

from limner.web.stream import Stream

SLOTS: Final = 128


class Wheel:
    """Streams, by the time of their next look.

    Args:
        tick_seconds: how long a slot is. Nobody is looked at later than this after their time, nor
            before it, if it is not further away than the wheel is long.
        now: by the event loop's clock, as all times here.
    """

    def __init__(self, tick_seconds: float, now: float) -> None:
        self._tick_seconds = tick_seconds
        self._turned = int(now / tick_seconds)
        self._slots: list[set[Stream]] = [set() for _ in range(SLOTS)]

    def put(self, stream: Stream, at: float) -> None:
        """Have it looked at then; sooner, if the wheel does not reach so far."""
        soonest = self._turned + 1
        number = min(max(int(at / self._tick_seconds) + 1, soonest), soonest + SLOTS - 1)
        stream.slot = number % SLOTS
        self._slots[stream.slot].add(stream)

    def drop(self, stream: Stream) -> None:
        """Look at it no more."""
        self._slots[stream.slot].discard(stream)

    def due(self, now: float) -> list[Stream]:
        """Take out all whose time has come; who is to be looked at again must be put back."""
        number = int(now / self._tick_seconds)
        due: list[Stream] = []
        # after a long pause of the process once around is all there is
        for passed in range(self._turned + 1, min(number, self._turned + SLOTS) + 1):
            due += self._slots[passed % SLOTS]
            self._slots[passed % SLOTS] = set()
        self._turned = max(self._turned, number)
        return due
