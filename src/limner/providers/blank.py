"""The provider for load tests: a square of one colour, at once.

It answers the question of what everything around the drawing costs, so it does nothing that could
be measured itself: each of its sixteen pictures is made once for the life of the process.
"""

import functools
import struct
import zlib

from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.providers.base import IN_HOUSE, Order, Picture, Ticket

_SIDE = 64
_COLOURS = tuple(
    bytes((red, green, blue))
    for red in (80, 200)
    for green in (80, 200)
    for blue in (70, 120, 170, 220)
)


class BlankProvider:
    """Draws a 64 by 64 square whose colour is the character's."""

    name = "blank"
    default_model = "square"
    stated_estimate = Estimate(0.0, 0.0)
    terms = IN_HOUSE

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Hand out the character's square; never fails and never waits."""
        ticket.report(Progress(Stage.DRAWING, 1.0, 0.0))
        shade = zlib.crc32(order.character_id.encode()) % len(_COLOURS)
        return Picture(_square(_COLOURS[shade]), self.default_model)

    async def check(self) -> str | None:
        """Nothing is needed."""
        return None

    async def aclose(self) -> None:
        """Nothing is held."""


@functools.cache
def _square(colour: bytes) -> bytes:
    """A PNG (RFC 2083) of one colour, given as three bytes; eight bits a channel, no alpha."""
    rows = (b"\0" + colour * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
