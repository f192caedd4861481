"""The small picture beside an image, for grids."""

import io
from typing import Final

from PIL import Image as Pillow
from PIL import ImageCms

THUMBNAIL_PIXELS: Final = 256
"""The longer side."""
_QUALITY: Final = 82
_GAP: Final = 3.0
"""Large pictures are first made smaller by whole numbers, to so many times of what is wanted."""
_AS_THEY_ARE: Final = {"L", "LA", "RGB", "RGBA", "CMYK"}


def thumbnail(image: Pillow.Image) -> bytes:
    """A WebP of what an image shows, in the colours of sRGB; nothing else of it is in there.

    Args:
        image: decoded; it is the small one afterwards, which saves a copy of a large one.
    """
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = image
    if image.mode.startswith("I"):
        small = image.convert("I").point(lambda value: value / 257).convert(mode)
    elif image.mode not in _AS_THEY_ARE or "transparency" in image.info:
        small = image.convert(mode)
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), reducing_gap=_GAP)
    file = io.BytesIO()
    _in_srgb(small, mode, profile).save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()


def _in_srgb(small: Pillow.Image, mode: str, profile: bytes | None) -> Pillow.Image:
    """The same colours as numbers of sRGB, where a profile says what its own numbers mean."""
    if profile:
        try:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(
                small, meant, ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that fits not, or is none, is one that browsers pass over, too
        else:
            return shown or small
    return small.convert(mode)
