"""PNG, third edition: a signature and chunks.

Chunks that pixels and colours need are kept, and must be sound. All others are left out, known or
not: text, in which programs that draw write prompts, EXIF, times, signatures. So is what those that
are kept have no room for by the standard.
"""

import struct
import zlib
from collections.abc import Container as Lengths
from collections.abc import Iterator
from typing import Final

from limner.images import pixels
from limner.images.container import Container, joined
from limner.images.profile import sound

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS: Final = 50_000
"""More than a file of the largest size has whose pixels come in pieces of a kilobyte."""
MAX_PROFILE_BYTES: Final = 1024 * 1024
"""Pillow opens no larger one."""
_FIRST: Final = SIGNATURE + b"\0\0\0\x0dIHDR"
_HEAD_END: Final = len(_FIRST) + 13
_COLOURS: Final = len(_FIRST) + 9
"""Where the kind of colours stands, a number."""
_ANY: Final = range(2**32)
_LENGTHS: Final[dict[bytes, Lengths[int]]] = {
    b"IHDR": {13},
    b"PLTE": range(3, 769, 3),
    b"IDAT": _ANY,
    b"IEND": _ANY,
    b"bKGD": {1, 2, 6},
    b"cHRM": {32},
    b"cICP": {4},
    b"cLLI": {8},
    b"gAMA": {4},
    b"iCCP": _ANY,
    b"mDCV": {24},
    b"pHYs": {9},
    b"sBIT": {1, 2, 3, 4},
    b"sRGB": {1},
    b"tRNS": _ANY,
}
"""In bytes, of the chunks that are kept."""
_INDEXED: Final = 3
_TRANSPARENT: Final[dict[int, Lengths[int]]] = {0: {2}, 2: {6}, _INDEXED: range(1, 257)}
"""Lengths of tRNS, by the kind of colours."""
_PROFILE_NAME: Final = b"ICC Profile"
_UNKNOWN_BIT: Final = 0x20
"""In the first letter of a chunk's name: who does not know it can do without it."""


def read(data: bytes) -> Container:
    """Take a file apart that begins with the signature. What follows its end is cut off.

    An animation is refused: nobody has asked for one, and its first picture is often empty.

    Raises:
        ValueError: it is not whole, or it is no still picture.
    """
    width, height = _size(data)
    pieces: list[bytes | memoryview] = [SIGNATURE]
    exif, seen = None, set()
    for kind, piece in _chunks(data):
        if len(pieces) > MAX_CHUNKS:
            raise ValueError(f"it has more than {MAX_CHUNKS} chunks")
        if kind in _LENGTHS:
            if struct.unpack(">I", piece[-4:])[0] != zlib.crc32(piece[4:-4]):
                raise ValueError(f"the checksum of {kind.decode()} is wrong")
            # the first of each counts, but for pixels, which come in pieces
            pieces.append(b"" if kind in seen else _needed(kind, piece, data[_COLOURS]))
            seen |= {kind} - {b"IDAT"}
        elif kind == b"acTL":
            raise ValueError("it is an animation")
        elif not kind[0] & _UNKNOWN_BIT:
            raise ValueError(f"nobody knows the chunk {kind!r}")
        else:
            pieces.append(b"")  # counted, not kept
            exif = bytes(piece[8:-4]) if kind == b"eXIf" else exif
    return Container(joined(data, pieces), width, height, exif)


def with_rows_alone(data: bytes) -> bytes:
    """The file, with nothing hidden behind the rows of its pixels; the very same where nothing is.

    Args:
        data: as `read` keeps it, and decoded already without an error.

    Raises:
        ValueError: there are too few rows.
        zlib.error: the pixels are broken.
    """
    chunks = list(_chunks(data))
    bodies = [piece[8:-4] for kind, piece in chunks if kind == b"IDAT"]
    stream = pixels.alone(bodies, pixels.rows_bytes(data[len(_FIRST) : _HEAD_END]))
    if stream is None:
        return data
    pieces: list[bytes | memoryview] = [SIGNATURE]
    for kind, piece in chunks:
        if kind != b"IDAT":
            pieces.append(piece)
        elif stream:
            pieces.append(_chunk(b"IDAT", stream))
            stream = b""
    return b"".join(pieces)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The name and the whole of each chunk, until the last."""
    view, end, kind = memoryview(data), len(SIGNATURE), b""
    while kind != b"IEND":
        start = end
        if start + 8 > len(data):
            raise ValueError("it ends before its last chunk")
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if end > len(data):
            raise ValueError("it ends in the middle of a chunk")
        yield kind, view[start:end]


def _needed(kind: bytes, piece: memoryview, colours: int) -> bytes | memoryview:
    """What is kept of a chunk of a kind that is kept."""
    length = len(piece) - 12
    if kind == b"IEND":
        return _chunk(kind, b"")
    if kind == b"iCCP":
        return _profile(piece)
    if kind == b"PLTE" and colours != _INDEXED:
        return b""  # it only suggests something
    if kind == b"PLTE" and length not in _LENGTHS[kind]:
        raise ValueError("its palette is broken")
    lengths = _TRANSPARENT.get(colours, ()) if kind == b"tRNS" else _LENGTHS[kind]
    return piece if length in lengths else b""


def _profile(piece: memoryview) -> bytes | memoryview:
    """A colour profile under a name that says nothing; nothing if it is none."""
    body = bytes(piece[8:-4])
    name, _, packed = body.partition(b"\0")
    inflating = zlib.decompressobj()
    try:
        told = inflating.decompress(packed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    if len(told) > MAX_PROFILE_BYTES:
        raise ValueError("its colour profile is too large")
    profile = sound(told)
    if packed[:1] != b"\0" or profile is None:
        return b""
    is_bare = inflating.eof and not inflating.unused_data
    if name == _PROFILE_NAME and is_bare and profile == told:
        return piece
    return _chunk(b"iCCP", _PROFILE_NAME + b"\0\0" + zlib.compress(profile))


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _size(data: bytes) -> tuple[int, int]:
    if not data.startswith(_FIRST) or len(data) < _HEAD_END:
        raise ValueError("it does not begin with its size")
    width, height = struct.unpack_from(">II", data, len(_FIRST))
    return width, height
