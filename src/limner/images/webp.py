"""WebP (RFC 9649): chunks in a RIFF file.

Pixels, transparency and ICC profiles are kept, each once; EXIF, XMP and what is not known are left
out, and the flags that tell of them.
"""

import struct
from typing import Final

from limner.images.container import Container, joined
from limner.images.profile import sound

MAX_CHUNKS: Final = 1000
_KEPT: Final = {b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"}  # codespell:ignore alph
_PICTURES: Final = {b"VP8 ", b"VP8L"}
"""There is one, and only a profile may follow it."""
_ANIMATED: Final = {b"ANIM", b"ANMF"}
_TELLING_FLAGS: Final = 0x08 | 0x04
"""EXIF and XMP."""
_PROFILE_FLAG: Final = 0x20
_START_OF_FRAME: Final = b"\x9d\x01\x2a"
_LOSSLESS: Final = 0x2F
_CANVAS_BYTES: Final = 10
_VP8X_BYTES: Final = 8 + _CANVAS_BYTES
_FLAGS: Final = 8
"""Where they stand in VP8X."""
_HEAD_BYTES: Final = {b"VP8 ": 10, b"VP8L": 5}


def is_webp(data: bytes) -> bool:
    """Whether it begins as one."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def read(data: bytes) -> Container:
    """Take a file apart that begins as WebP does. What follows its end is cut off.

    An animation is refused, as in PNG.

    Raises:
        ValueError: it is not whole, or it is no still picture.
    """
    length = 8 + int.from_bytes(data[4:8], "little")
    if length > len(data):
        raise ValueError("it ends too early")
    file = data[:length]
    kept: dict[bytes, bytes] = {}
    exif: bytes | None = None
    size: tuple[int, int] | None = None
    start = 12
    for _ in range(MAX_CHUNKS):
        if start >= length:
            break
        kind, body, end = _chunk(file, start)
        if kind in _ANIMATED:
            raise ValueError("it is an animation")
        is_late = kind != b"ICCP" and bool(kept.keys() & _PICTURES)
        if kind in _KEPT and kind not in kept and not is_late:
            kept[kind] = file[start:end]
            size = size or _size(kind, body)
        elif kind == b"EXIF":
            exif = body
        start = end
    else:
        raise ValueError("it has too many chunks")
    if size is None:
        raise ValueError("there is no picture in it")
    return Container(_file(data, kept), *size, exif)


def _chunk(data: bytes, start: int) -> tuple[bytes, bytes, int]:
    """The name and the body of a chunk, and where the next one begins."""
    if start + 8 > len(data):
        raise ValueError("it ends in the middle of a chunk")
    kind, length = struct.unpack_from("<4sI", data, start)
    end = start + 8 + length + length % 2
    if end > len(data):
        raise ValueError("it ends in the middle of a chunk")
    return kind, data[start + 8 : start + 8 + length], end


def _size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height, if this chunk tells them."""
    if len(body) < _HEAD_BYTES.get(kind, 0):
        return None
    if kind == b"VP8X" and len(body) == _CANVAS_BYTES:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8 " and body[3:6] == _START_OF_FRAME:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and body[0] == _LOSSLESS:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _file(data: bytes, kept: dict[bytes, bytes]) -> bytes:
    """The file of these chunks, with flags that tell of no others."""
    head, told = kept.pop(b"VP8X", None), kept.pop(b"ICCP", None)
    pieces = list(kept.values())
    if head is not None:
        if len(head) != _VP8X_BYTES:
            raise ValueError("its first chunk is broken")
        profile = _profile(told) if told and head[_FLAGS] & _PROFILE_FLAG else b""
        flags = head[_FLAGS] & ~(_TELLING_FLAGS | _PROFILE_FLAG) | _PROFILE_FLAG * bool(profile)
        pieces[:0] = [head[:_FLAGS] + bytes([flags]) + head[_FLAGS + 1 :], profile]
    body = b"WEBP" + b"".join(pieces)
    return joined(data, [b"RIFF", len(body).to_bytes(4, "little"), body])


def _profile(piece: bytes) -> bytes:
    """The chunk of a colour profile; nothing if it holds none."""
    told = piece[8 : 8 + int.from_bytes(piece[4:8], "little")]
    profile = sound(told)
    if profile is None or profile == told:
        return b"" if profile is None else piece
    return b"ICCP" + len(profile).to_bytes(4, "little") + profile + bytes(len(profile) % 2)
