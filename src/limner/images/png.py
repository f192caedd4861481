"""PNG, third edition: a signature and chunks.

Chunks that pixels and colours need are kept, and must be sound. All others are left out, known or
not: text, in which programs that draw write prompts, EXIF, times, signatures.
"""

import struct
import zlib
from typing import Final

from limner.images.container import Container

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS: Final = 50_000
"""More than a file of the largest size has whose pixels come in pieces of a kilobyte."""
_FIRST: Final = SIGNATURE + b"\0\0\0\x0dIHDR"
_CRITICAL: Final = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_COLOURS: Final = {b"cHRM", b"cICP", b"cLLI", b"gAMA", b"iCCP", b"mDCV", b"sBIT", b"sRGB"}
_KEPT: Final = _CRITICAL | _COLOURS | {b"tRNS", b"bKGD", b"pHYs"}
_UNKNOWN_BIT: Final = 0x20
"""In the first letter of a chunk's name: who does not know it can do without it."""


def read(data: bytes) -> Container:
    """Take a file apart that begins with the signature.

    An animation is refused: nobody has asked for one, and its first picture is often empty.

    Raises:
        ValueError: it is not whole, or something follows it, or it is no still picture.
    """
    view = memoryview(data)
    pieces, exif = [view[: len(SIGNATURE)]], None
    end, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if len(pieces) > MAX_CHUNKS:
            raise ValueError(f"it has more than {MAX_CHUNKS} chunks")
        start = end
        length, kind = _head(data, start)
        end = start + 12 + length
        if end > len(data):
            raise ValueError("it ends in the middle of a chunk")
        if kind in _KEPT:
            if struct.unpack_from(">I", data, end - 4)[0] != zlib.crc32(view[start + 4 : end - 4]):
                raise ValueError(f"the checksum of {kind.decode()} is wrong")
            pieces.append(view[start:end])
        elif kind == b"acTL":
            raise ValueError("it is an animation")
        elif not kind[0] & _UNKNOWN_BIT:
            raise ValueError(f"nobody knows the chunk {kind!r}")
        else:
            pieces.append(view[:0])  # counted, not kept
            exif = data[start + 8 : end - 4] if kind == b"eXIf" else exif
    if end < len(data):
        raise ValueError(f"{len(data) - end} bytes follow its end")
    width, height = _size(data)
    is_bare = sum(map(len, pieces)) == len(data)
    return Container(data if is_bare else b"".join(pieces), width, height, exif)


def _head(data: bytes, start: int) -> tuple[int, bytes]:
    """The length and the name of a chunk."""
    if start + 8 > len(data):
        raise ValueError("it ends before its last chunk")
    length, kind = struct.unpack_from(">I4s", data, start)
    return length, kind


def _size(data: bytes) -> tuple[int, int]:
    if not data.startswith(_FIRST):
        raise ValueError("it does not begin with its size")
    width, height = struct.unpack_from(">II", data, len(_FIRST))
    return width, height
