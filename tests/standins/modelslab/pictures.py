"""What it draws."""

import colorsys
import hashlib
import io

from PIL import Image, ImageDraw


def portrait(number: int, prompt: str) -> bytes:
    """A PNG of 384 by 512 pixels: somebody, in colours that no other order has."""
    digest = hashlib.sha256(f"{number} {prompt}".encode()).digest()
    light, dark = (_colour(digest[n] / 255, value) for n, value in ((0, 0.9), (1, 0.45)))
    image = Image.new("RGB", (384, 512), light)
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((52, 330, 332, 640), fill=dark)
    pencil.ellipse((112, 110, 272, 320), fill=(236, 200, 172))
    pencil.pieslice((102, 90, 282, 290), 180, 360, fill=dark)
    for n, byte in enumerate(digest):
        pencil.rectangle((n * 12, 0, n * 12 + 11, 11), fill=_colour(byte / 255, 0.7))
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _colour(hue: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.5, value)
    return int(red * 255), int(green * 255), int(blue * 255)
