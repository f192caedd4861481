"""Pictures made by hand, with all that programs and cameras tell in them."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

SECRET = "a face, by the lake, seed 4711"  # noqa: S105 - opens nothing
"""Stands in all that must not be stored."""
HIDDEN = b"the small picture of a camera"
BOMB_BYTES = 100_000_000
"""What a small file may become that was packed well."""


@cache
def scene(mode: str = "RGB") -> Image.Image:
    """Forty by thirty pixels, no two corners alike; not to be changed."""
    image = Image.new("RGB", (40, 30))
    for x in range(40):
        for y in range(30):
            image.putpixel((x, y), (x * 6, y * 8, 255 - x * 4))
    return image.convert(mode)


def encoded(form: str, image: Image.Image | None = None, **options: Any) -> bytes:
    """A file of a picture, of the scene unless told otherwise."""
    file = io.BytesIO()
    (image or scene()).save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """What a file shows, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def exif(orientation: int | None = None) -> bytes:
    """What a camera says: where it was, who holds it, and perhaps how it was held."""
    told = Image.Exif()
    told[ExifTags.Base.Artist] = SECRET
    told.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (47.0, 22.0, 30.0)
    if orientation is not None:
        told[ExifTags.Base.Orientation] = orientation
    return told.tobytes()


@cache
def swapped_profile() -> bytes:
    """An ICC profile of a screen whose first colour is blue and whose last one is red.

    It is sRGB with two of its tags changed for each other, so that whoever heeds it sees red
    where the numbers say blue.
    """
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return (
        plain.replace(b"rXYZ", b"\0\0\0\1")
        .replace(b"bXYZ", b"rXYZ")
        .replace(b"\0\0\0\1", b"bXYZ", 1)
    )


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{SECRET}</x:xmpmeta>'.encode()


def telling_png(orientation: int | None = None, **options: Any) -> bytes:
    """PNG with texts of three kinds, EXIF, XMP, a time, and a chunk that nobody knows."""
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET)
    info.add_text("compressed", SECRET, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"tIME", bytes([7, 230, 1, 2, 3, 4, 5]))
    info.add(b"prVt", SECRET.encode(), after_idat=True)
    return encoded("PNG", pnginfo=info, exif=exif(orientation), dpi=(300, 300), **options)


def telling_jpeg(orientation: int | None = None, **options: Any) -> bytes:
    """JPEG with EXIF, XMP, a comment, a small picture in JFIF, and a segment of Photoshop's."""
    plain = encoded("JPEG", exif=exif(orientation), comment=SECRET, xmp=XMP, quality=90, **options)
    assert plain[2:4] == b"\xff\xe0", "the first 18 bytes are JFIF's"
    jfif = b"JFIF\0\1\1\0\0\1\0\1\3\3" + HIDDEN[:27]
    photoshop = b"Photoshop 3.0\0" + SECRET.encode()
    return plain[:2] + segment(0xE0, jfif) + plain[20:-2] + segment(0xED, photoshop) + plain[-2:]


def telling_webp(orientation: int | None = None, **options: Any) -> bytes:
    """WebP with EXIF, XMP, and a chunk that nobody knows."""
    plain = encoded("WEBP", exif=exif(orientation), xmp=XMP, lossless=True, **options)
    body = plain[8:] + b"prvt" + struct.pack("<I", 30) + SECRET.encode()
    return b"RIFF" + struct.pack("<I", len(body)) + body


TELLING: dict[str, Callable[..., bytes]] = {
    "PNG": telling_png,
    "JPEG": telling_jpeg,
    "WEBP": telling_webp,
}


def segment(marker: int, body: bytes) -> bytes:
    """A segment of JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    """A chunk of PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*between: bytes, width: int = 40, height: int = 30, rows: bytes | None = None) -> bytes:
    """A black PNG that says that it is so large, with some chunks before its pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes((width * 3 + 1) * height) if rows is None else rows)
    chunks = (chunk(b"IHDR", head), *between, chunk(b"IDAT", pixels), chunk(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def named(webp: bytes, width: int) -> bytes:
    """A WebP that says that it is so wide."""
    return webp[:24] + (width - 1).to_bytes(3, "little") + webp[27:]
