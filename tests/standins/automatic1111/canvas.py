"""What comes out of it: pictures whose lower part is grey as long as they are not finished."""

import base64
import io

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo


def paint(  # noqa: PLR0913 - what a picture is made of, each by its name
    *,
    seed: int,
    width: int,
    height: int,
    done: float = 1.0,
    kind: str = "PNG",
    words: str = "",
) -> bytes:
    """A picture.

    Args:
        seed: its colour.
        width: in pixels.
        height: in pixels.
        done: how much of it is drawn, 0 to 1, from the top.
        kind: PNG, JPEG or WEBP.
        words: written into a PNG, as the server does with the whole prompt.
    """
    image = Image.new("RGB", (width, height), (seed * 37 % 200, seed * 91 % 200, 160))
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((width * 0.25, height * 0.2, width * 0.75, height * 0.7), fill=(235, 200, 170))
    if done < 1:
        pencil.rectangle((0, int(height * done), width, height), fill=(128, 128, 128))
    written = io.BytesIO()
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("parameters", words)
        image.save(written, "PNG", pnginfo=notes, compress_level=1)
    else:
        image.save(written, kind)
    return written.getvalue()


def encoded(picture: bytes) -> str:
    """A picture in base64."""
    return base64.b64encode(picture).decode()
