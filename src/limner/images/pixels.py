"""The rows of a PNG: one zlib stream (RFC 1950) in the pieces that its chunks hold.

Whoever shows a picture stops at its last row, and never sees what follows in the stream, or behind
it. Where that is cannot be told without inflating, so it is done once more, for less than half of
what all else takes.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

STEP_BYTES: Final = 256 * 1024
"""Of rows at once, however much they shrank."""
_PIECE_BYTES: Final = 16 * 1024
"""Of the stream at once: what of it waits is copied with each step."""
_HEAD_BYTES: Final = 2
_RAW: Final = -zlib.MAX_WBITS
"""Deflate without head and checksum."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By the number that PNG has for a kind of colours."""
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""Adam7: the first column and row of each, and the steps from there."""


def rows_bytes(head: bytes) -> int:
    """How many bytes all rows have, each with the one that names its filter.

    Args:
        head: the body of IHDR, of a kind that was decoded already.
    """
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    bits = depth * _CHANNELS[colours]
    if not interlaced:
        return _rows(width, height, bits)
    return sum(
        _rows(-(-(width - x) // across), -(-(height - y) // down), bits)
        for x, y, across, down in _PASSES
    )


def alone(bodies: list[memoryview], size: int) -> bytes | None:
    """The stream with nothing but the rows in it; None where it is so already.

    Args:
        bodies: of all IDAT chunks.
        size: of all rows, in bytes.

    Raises:
        ValueError: it ends before its last row, which Pillow does not always mind.
        zlib.error: it is broken before its last row.
    """
    return None if _is_alone(bodies, size) else _again(bodies, size)


def _rows(width: int, height: int, bits: int) -> int:
    return height * (1 + (width * bits + 7) // 8) if width > 0 and height > 0 else 0


def _is_alone(bodies: list[memoryview], size: int) -> bool:
    inflating, found = zlib.decompressobj(), 0
    try:
        for piece in _pieces(bodies):
            if inflating.eof:
                return False  # at once, as all that follows would be gathered
            waiting: bytes | memoryview = piece
            while waiting:
                found += len(inflating.decompress(waiting, STEP_BYTES))
                waiting = inflating.unconsumed_tail
                if found > size:
                    return False
        found += len(inflating.flush())
    except zlib.error:
        return False  # its checksum is wrong, or what lies behind its rows
    return inflating.eof and not inflating.unused_data and found == size


def _again(bodies: list[memoryview], size: int) -> bytes:
    """The first rows, so many bytes, packed anew; they are never in memory all at once."""
    inflating, packing, left = zlib.decompressobj(_RAW), zlib.compressobj(), size
    packed, skipped = [], _HEAD_BYTES
    for piece in _pieces(bodies):
        waiting: bytes | memoryview = piece[skipped:]
        skipped -= len(piece) - len(waiting)
        while waiting and left:
            rows = inflating.decompress(waiting, min(STEP_BYTES, left))
            waiting = inflating.unconsumed_tail
            left -= len(rows)
            packed.append(packing.compress(rows))
            if inflating.eof:
                break
    if left:
        rows = inflating.decompress(b"", left)
        packed.append(packing.compress(rows))
        if len(rows) < left:
            raise ValueError("its pixels end before their last row")
    packed.append(packing.flush())
    return b"".join(packed)


def _pieces(bodies: list[memoryview]) -> Iterator[memoryview]:
    for body in bodies:
        for start in range(0, len(body), _PIECE_BYTES):
            yield body[start : start + _PIECE_BYTES]
