"""Reading an image that nobody vouches for: is it one, how large, and its thumbnail."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Final

from PIL import Image as Pillow

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.image import Image
from limner.images import jpeg, png, webp
from limner.images.container import Container
from limner.images.exif import orientation
from limner.images.thumbnail import thumbnail

MAX_BYTES: Final = 25 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000

_TYPES: Final = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "WEBP": ("webp", "image/webp"),
}
_QUALITY: Final = 95
"""Of what is turned and can't be turned without a loss."""
_TURNS: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""What makes a picture upright, by the number that EXIF has for how it lies."""
_OTHERS: Final = (
    (re.compile(rb"^[^\0]*<svg", re.DOTALL), "an SVG"),
    (re.compile(rb"^<(!doctype html|html|head|body)"), "an HTML page"),
    (re.compile(rb"^[{\[]"), "JSON"),
    (re.compile(rb"^gif8"), "a GIF"),
    (re.compile(rb"^....ftypavi[fs]", re.DOTALL), "an AVIF"),
    (re.compile(rb"^....ftyp", re.DOTALL), "a HEIC or a film"),
    (re.compile(rb"^bm"), "a BMP"),
    (re.compile(rb"^(ii\*\0|mm\0\*)"), "a TIFF"),
)
"""By how they begin, in small letters."""


_TELLING: Final = (OSError, ValueError, SyntaxError, Warning, Pillow.DecompressionBombError)
"""Errors whose own words say what is wrong with an image."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """An image after every one of its pixels was decoded, ready to be stored."""

    image: Image
    data: bytes
    """Without what tells about it; as it came, where nothing does."""
    thumbnail: bytes
    """WebP."""


def inspect(data: bytes) -> Inspected:
    """Decode an image completely. Takes tens of milliseconds: call it in a thread.

    What is stored has the very same pixels and colours, and tells nothing else: no place, no
    prompt, no name. Only a colour profile is kept with what it says of itself. One that lies on
    its side is turned, as what says so would be gone. What follows the end of a file is cut off.
    What nobody who decodes ever looks at within the pixels of JPEG and WebP is not looked for.

    Args:
        data: PNG, JPEG or WebP, no animation, at most 25 MiB and 40 million pixels.

    Raises:
        DrawingError: `invalid_image`, with what is wrong in its detail.
        MemoryError: there is too little for it, whatever it is.
    """
    try:
        form, container = _read(data)
        kept, small, (width, height) = _decoded(form, container)
    except MemoryError:
        raise  # it says nothing about the image
    except _TELLING as error:
        raise _refusal(str(error) or type(error).__name__) from error
    except Exception as error:  # what Pillow makes of broken bytes is listed nowhere
        raise _refusal(f"{type(error).__name__}: {error}") from error
    extension, content_type = _TYPES[form]
    found = Image(
        sha256=hashlib.sha256(kept).hexdigest(),
        extension=extension,
        content_type=content_type,
        width=width,
        height=height,
        size_bytes=len(kept),
        thumbnail=f"{hashlib.sha256(small).hexdigest()}.webp",
    )
    return Inspected(found, kept, small)


def _read(data: bytes) -> tuple[str, Container]:
    """What it is and what is in it, as far as can be told without decoding it."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes are more than {MAX_BYTES}")
    if data.startswith(png.SIGNATURE):
        form, container = "PNG", png.read(data)
    elif data.startswith(jpeg.SIGNATURE):
        form, container = "JPEG", jpeg.read(data)
    elif webp.is_webp(data):
        form, container = "WEBP", webp.read(data)
    else:
        raise ValueError(f"it is {_guess(data)}, and neither PNG nor JPEG nor WebP")
    if container.width * container.height > MAX_PIXELS:
        raise ValueError(f"{container.width}x{container.height} pixels are too many")
    return form, container


def _decoded(form: str, container: Container) -> tuple[bytes, bytes, tuple[int, int]]:
    """What to store, its thumbnail, and its width and height."""
    kept = container.kept
    with Pillow.open(io.BytesIO(kept), formats=[form]) as opened:
        _agree(opened, container)
        opened.load()
        upright: Pillow.Image = opened
        turn = _TURNS.get(orientation(container.exif))
        if turn is not None:
            upright = opened.transpose(turn)
            kept = _encoded(upright, form)
        elif form == "PNG":
            kept = png.with_rows_alone(kept)
        size = upright.size
        return kept, thumbnail(upright), size


def _agree(image: Pillow.Image, container: Container) -> None:
    if image.size != (container.width, container.height):
        raise ValueError("its parts are of different sizes")


def _guess(data: bytes) -> str:
    """What an operator would say that this is."""
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "nothing at all"
    for sign, name in _OTHERS:
        if sign.search(start):
            return name
    return f"{len(data)} bytes that begin with {data[:8].hex(' ')}"


def _encoded(image: Pillow.Image, form: str) -> bytes:
    file = io.BytesIO()
    options = {} if form == "PNG" else {"quality": _QUALITY}
    if form == "JPEG":
        options["subsampling"] = 0
    image.save(file, form, icc_profile=image.info.get("icc_profile"), **options)
    return file.getvalue()


def _refusal(detail: str) -> DrawingError:
    return DrawingError(
        ErrorCode.INVALID_IMAGE, "What was drawn is not an image that can be shown.", detail=detail
    )
