"""JPEG (ITU T.81, JFIF): segments, and scans between them.

Of the segments that are for applications those are kept that colours need: JFIF without its small
picture, Adobe's, ICC profiles. Comments, EXIF, XMP and all others are left out, and what fills up
between segments.
"""

import re
import struct
from typing import Final

from limner.images.container import Container, joined
from limner.images.profile import sound

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
_PROFILE: Final = 0xE2
_ADOBE: Final = 0xEE
_KEPT: Final = {_JFIF: (b"JFIF\0", 18), _ADOBE: (b"Adobe", 16)}
"""How they begin, and bytes with marker and length: JFIF is without its small picture."""
_PROFILE_SIGN: Final = b"ICC_PROFILE\0"
_PROFILE_COUNTS: Final = slice(16, 18)
"""Which segment of a profile this is, from 1, and how many there are."""
_PROFILE_HEAD_BYTES: Final = 18
_EXIF: Final = b"Exif\0\0"
_FILLING: Final = re.compile(rb"\xff+")
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In a scan: neither a stuffed zero, nor a restart, nor what fills up."""


def read(data: bytes) -> Container:
    """Take a file apart that begins with the signature. What follows its end is cut off.

    Raises:
        ValueError: it is not whole.
    """
    pieces, exif, size = [data[:2]], None, None
    profile: list[bytes] = []
    profile_at, scans, needed = 0, 0, 0
    start = _marker(data, 2)
    while (marker := data[start + 1]) != _END:
        end = _end(data, start)
        segment = data[start:end]
        if marker in _SIZES and size is None:
            size = struct.unpack_from(">HH", segment.ljust(9, b"\0"), 5)
        if marker == _START_OF_SCAN:
            scans += 1
            end = _scan_end(data, end)
            segment = data[start:end]
            needed = len(pieces) + 1
        elif marker == _PROFILE and segment[4:].startswith(_PROFILE_SIGN):
            profile_at = profile_at or len(pieces)
            profile.append(segment)
            segment = b""
        elif marker == _COMMENT or marker in _APPLICATIONS:
            if exif is None and segment[4:].startswith(_EXIF):
                exif = segment[4:]
            segment = _needed(marker, segment)
        pieces.append(segment)
        if len(pieces) > MAX_SEGMENTS or scans > MAX_SCANS:
            raise ValueError("it has too many parts")
        start = _marker(data, end)
    if size is None:
        raise ValueError("it does not say how large it is")
    pieces[profile_at] += _sound(profile)
    # nobody reads what stands behind the last scan
    kept = joined(data, [*pieces[:needed], data[start : start + 2]])
    return Container(kept, size[1], size[0], exif)


def _marker(data: bytes, start: int) -> int:
    """Where the next marker begins, behind what fills up before it (T.81, B.1.1.2)."""
    filling = _FILLING.match(data, start)
    if filling is None and start < len(data):
        raise ValueError("there is no marker where one must be")
    if filling is None or filling.end() == len(data):
        raise ValueError("it ends before its end marker")
    return filling.end() - 1


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
    sign, kept_bytes = _KEPT.get(marker, (b"", 0))
    if not sign or not segment[4:].startswith(sign) or len(segment) < kept_bytes:
        return b""  # too short a one counts for nobody
    if len(segment) == kept_bytes:
        return segment
    kept = segment[:2] + (kept_bytes - 2).to_bytes(2) + segment[4:kept_bytes]
    return kept[:-2] + b"\0\0" if marker == _JFIF else kept


def _sound(segments: list[bytes]) -> bytes:
    """The segments that hold a colour profile; nothing if that is none."""
    ordered = sorted(segments, key=lambda segment: segment[_PROFILE_COUNTS])
    numbers = [tuple(segment[_PROFILE_COUNTS]) for segment in ordered]
    if numbers != [(number, len(ordered)) for number in range(1, len(ordered) + 1)]:
        return b""
    told = b"".join(segment[_PROFILE_HEAD_BYTES:] for segment in ordered)
    profile = sound(told)
    if profile is None:
        return b""
    if profile == told:
        return b"".join(ordered)
    return b"".join(_part(profile, number, len(ordered)) for number in range(len(ordered)))


def _part(profile: bytes, number: int, count: int) -> bytes:
    """A segment with some of a profile, which has become shorter than it was."""
    size = -(-len(profile) // count)
    body = _PROFILE_SIGN + bytes([number + 1, count]) + profile[number * size :][:size]
    return bytes([_MARK, _PROFILE]) + (len(body) + 2).to_bytes(2) + body
