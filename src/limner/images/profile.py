"""Colour profiles (ICC.1:2022), which say what the numbers of a picture mean."""

import io
import struct
from typing import Final

from PIL import ImageCms

_HEAD_BYTES: Final = 132
"""The header, and how many tags follow it."""
_SPACE: Final = slice(16, 20)
_MODES: Final = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
"""Pillow's names for the colours that a profile may be for."""
_SIGNATURE: Final = slice(36, 40)


def sound(profile: bytes) -> bytes | None:
    """The profile, from its first byte to the last that it counts as its own; None if it is none.

    Its tags are left as they are, those in words, too: who made it, and what it is called.
    """
    if len(profile) < _HEAD_BYTES or profile[_SIGNATURE] != b"acsp":
        return None
    (size,) = struct.unpack_from(">I", profile)
    if not _HEAD_BYTES <= size <= len(profile):
        return None
    profile = profile[:size]
    mode = _MODES.get(profile[_SPACE])
    if mode is None:
        return None
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # a header alone can be opened, and means nothing
        srgb = ImageCms.createProfile("sRGB")
        ImageCms.buildTransform(meant, srgb, mode, "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return profile
