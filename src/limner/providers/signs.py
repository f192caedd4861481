"""The signs by which a picture is known before anybody decodes it."""

from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_WEBP_HEAD_BYTES: Final = 12


def why_no_picture(data: bytes) -> str | None:
    """What keeps bytes from being a PNG, JPEG or WebP; None when they look like a whole one.

    Cut off is what lacks the end that its format demands: the chunk IEND (RFC 2083 §4.1.4), the
    marker EOI (ITU-T T.81 §B.1.1.3), as many bytes as RIFF announces (RFC 9649 §2.4). What comes
    after an end is nobody's concern here.
    """
    if data.startswith(_PNG):
        is_whole = _PNG_END in data
    elif data.startswith(_JPEG):
        is_whole = _JPEG_END in data
    elif data.startswith(b"RIFF") and data[8:_WEBP_HEAD_BYTES] == b"WEBP":
        is_whole = len(data) >= int.from_bytes(data[4:8], "little") + 8
    else:
        return "neither PNG, JPEG nor WebP"
    return None if is_whole else "a picture that is cut off"
