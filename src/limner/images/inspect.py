"""Reading an image that nobody vouches for: is it one, how large, and its thumbnail."""

import hashlib
import io
from dataclasses import dataclass
from typing import Final

from PIL import Image as Pillow

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.image import Image

MAX_BYTES: Final = 25 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
THUMBNAIL_PIXELS: Final = 320
"""The longer side of a thumbnail."""

_FORMATS: Final = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "WEBP": ("webp", "image/webp"),
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """An image after every one of its pixels was decoded, ready to be stored."""

    image: Image
    data: bytes
    """As it came."""
    thumbnail: bytes
    """WebP."""


def inspect(data: bytes) -> Inspected:
    """Decode an image completely. Takes tens of milliseconds: call it in a thread.

    Args:
        data: PNG, JPEG or WebP, at most 25 MiB and 40 million pixels.

    Raises:
        DrawingError: `invalid_image`, with what is wrong in its detail.
    """
    if len(data) > MAX_BYTES:
        raise _refusal(f"{len(data)} bytes are more than {MAX_BYTES}")
    try:
        with Pillow.open(io.BytesIO(data), formats=list(_FORMATS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _refusal(f"{image.width}x{image.height} pixels are too many")
            image.load()
            extension, content_type = _FORMATS[str(image.format)]
            small = image.convert("RGBA" if image.has_transparency_data else "RGB")
            small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            thumbnail = io.BytesIO()
            small.save(thumbnail, "WEBP", quality=82)
            found = Image(
                sha256=hashlib.sha256(data).hexdigest(),
                extension=extension,
                content_type=content_type,
                width=image.width,
                height=image.height,
                size_bytes=len(data),
                thumbnail=f"{hashlib.sha256(thumbnail.getvalue()).hexdigest()}.webp",
            )
            return Inspected(found, data, thumbnail.getvalue())
    except (OSError, ValueError, SyntaxError, Warning, Pillow.DecompressionBombError) as error:
        raise _refusal(f"{type(error).__name__}: {error}") from error


def _refusal(detail: str) -> DrawingError:
    return DrawingError(
        ErrorCode.INVALID_IMAGE, "What was drawn is not an image that can be shown.", detail=detail
    )
