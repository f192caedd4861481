"""JPEG (ITU T.81, JFIF): segments, and scans between them.

Of the segments that are for applications those are kept that colours need: JFIF without its small
picture, Adobe's, ICC profiles. Comments, EXIF, XMP and all others are left out.
"""

import re
import struct
from typing import Final

from limner.images.container import Container

SIGNATURE: Final = b"\xff\xd8\xff"
MAX_SEGMENTS: Final = 20_000
MAX_SCANS: Final = 50
"""A dozen is usual. Each may go over all pixels again, and take next to no bytes."""
_MARK: Final = 0xFF
_START_OF_SCAN: Final = 0xDA
_END: Final = 0xD9
_COMMENT: Final = 0xFE
_SIZES: Final = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start of frame, of every kind."""
_APPLICATIONS: Final = range(0xE0, 0xF0)
_JFIF: Final = 0xE0
_COLOURS: Final = {_JFIF: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_EXIF: Final = b"Exif\0\0"
_JFIF_BYTES: Final = 18
"""With marker and length, and without its small picture."""
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In a scan: neither a stuffed zero, nor a restart, nor what fills up."""


def read(data: bytes) -> Container:
    """Take a file apart that begins with the signature.

    Raises:
        ValueError: it is not whole, or something follows it.
    """
    pieces, exif, size = [data[:2]], None, None
    start, scans = 2, 0
    while (marker := _marker(data, start)) != _END:
        end = _end(data, start)
        segment = data[start:end]
        if marker in _SIZES and size is None:
            size = struct.unpack_from(">HH", segment.ljust(9, b"\0"), 5)
        if marker == _START_OF_SCAN:
            scans += 1
            end = _scan_end(data, end)
            segment = data[start:end]
        elif marker == _COMMENT or marker in _APPLICATIONS:
            if exif is None and segment[4:].startswith(_EXIF):
                exif = segment[4:]
            segment = _needed(marker, segment)
        pieces.append(segment)
        if len(pieces) > MAX_SEGMENTS or scans > MAX_SCANS:
            raise ValueError("it has too many parts")
        start = end
    if start + 2 < len(data):
        raise ValueError(f"{len(data) - start - 2} bytes follow its end")
    if size is None:
        raise ValueError("it does not say how large it is")
    pieces.append(data[start:])
    kept = b"".join(pieces)
    return Container(data if len(kept) == len(data) else kept, size[1], size[0], exif)


def _marker(data: bytes, start: int) -> int:
    if start + 2 > len(data):
        raise ValueError("it ends before its end marker")
    if data[start] != _MARK:
        raise ValueError("there is no marker where one must be")
    return data[start + 1]


def _end(data: bytes, start: int) -> int:
    """Where a segment ends."""
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4])
    if not start + 4 <= end <= len(data):
        raise ValueError("it ends in the middle of a segment")
    return end


def _scan_end(data: bytes, start: int) -> int:
    found = _NEXT_MARKER.search(data, start)
    if found is None:
        raise ValueError("it ends in the middle of its pixels")
    return found.start()


def _needed(marker: int, segment: bytes) -> bytes:
    """What is kept of a segment for applications."""
    colours = _COLOURS.get(marker)
    if colours is None or not segment[4:].startswith(colours):
        return b""
    if marker == _JFIF and len(segment) > _JFIF_BYTES:
        length = (_JFIF_BYTES - 2).to_bytes(2)
        return segment[:2] + length + segment[4 : _JFIF_BYTES - 2] + b"\0\0"
    return segment
