"""What is stored of a picture: its pixels and colours, and nothing that tells of it."""

import asyncio
import hashlib
import struct
import warnings

import pytest
from PIL import Image, ImageChops, ImageStat

from images.crafted import (
    HIDDEN,
    SECRET,
    TELLING,
    chunk,
    encoded,
    opened,
    png,
    scene,
    segment,
    swapped_profile,
)
from limner.images.inspect import inspect

FORMS = ["PNG", "JPEG", "WEBP"]
TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart: 0 to 255, in the mean."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


async def test_looking_at_many_images_at_once_leaves_the_warnings_as_they_were() -> None:
    data = encoded("PNG", scene().resize((1500, 1500)))
    with warnings.catch_warnings():
        warnings.resetwarnings()
        await asyncio.gather(*(asyncio.to_thread(inspect, data) for _ in range(16)))
        assert warnings.filters == []


@pytest.mark.parametrize("form", FORMS)
def test_what_tells_nothing_is_stored_as_it_came(form: str) -> None:
    data = encoded(form)
    found = inspect(data)
    assert found.data is data
    assert found.image.sha256 == hashlib.sha256(data).hexdigest()
    assert found.image.size_bytes == len(data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", [{}, {"icc_profile": swapped_profile()}], ids=["plain", "icc"])
def test_what_tells_of_a_picture_is_not_stored_and_its_pixels_are_the_same(
    form: str, options: dict[str, bytes]
) -> None:
    data = TELLING[form](**options)
    assert SECRET.encode() in data
    found = inspect(data)
    assert not {SECRET.encode(), HIDDEN[:9], b"Exif", b"xmpmeta"} & _parts(found.data)
    stored, came = opened(found.data), opened(data)
    assert stored.tobytes() == came.tobytes()
    assert stored.info.get("icc_profile") == options.get("icc_profile")
    assert not stored.getexif()
    assert not {"exif", "xmp", "comment", "parameters", "photoshop"} & stored.info.keys()
    assert found.image.sha256 == hashlib.sha256(found.data).hexdigest()
    assert found.image.size_bytes == len(found.data) < len(data)
    assert inspect(found.data).data is found.data, "what is stored has nothing more to lose"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("orientation", [1, *TRANSPOSED])
def test_a_picture_on_its_side_is_turned(form: str, orientation: int) -> None:
    found = inspect(TELLING[form](orientation, icc_profile=swapped_profile()))
    wanted = opened(TELLING[form]())
    if orientation in TRANSPOSED:
        wanted = wanted.transpose(TRANSPOSED[orientation])
    stored = opened(found.data)
    assert (found.image.width, found.image.height) == stored.size == wanted.size
    assert difference(stored, wanted) < (0.01 if form == "PNG" else 4)
    assert stored.info["icc_profile"] == swapped_profile()
    assert SECRET.encode() not in found.data
    assert stored.format == form


@pytest.mark.parametrize("garbage", [b"", b"Exif\0\0", b"II*\0" + b"\xff" * 20, b"MM\0*\0\0\0\4"])
def test_what_a_camera_says_and_nobody_understands_is_passed_over(garbage: bytes) -> None:
    found = inspect(png(chunk(b"eXIf", garbage)))
    assert found.data == png()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1", "RGB"])
def test_the_thumbnail_shows_the_same_whatever_the_pixels_are(mode: str) -> None:
    grey = Image.linear_gradient("L").resize((300, 300))
    image = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    small = opened(
        inspect(encoded("PNG", image if mode == "I;16" else grey.convert(mode))).thumbnail
    )
    assert small.size == (256, 256)
    assert difference(small.resize((8, 8)), grey.resize((8, 8))) < (40 if mode == "1" else 4)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((1024, 512), (256, 128)),
        ((40, 30), (40, 30)),
        ((10, 5000), (1, 256)),
        ((300, 256), (256, 218)),
    ],
)
def test_the_longer_side_of_a_thumbnail_has_256_pixels_at_the_most(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    small = opened(inspect(encoded("PNG", scene().resize(size))).thumbnail)
    assert (small.format, small.size) == ("WEBP", wanted)


def test_what_can_be_seen_through_can_be_seen_through_in_its_thumbnail() -> None:
    image = scene("RGBA")
    image.putalpha(0)
    assert opened(inspect(encoded("PNG", image)).thumbnail).getchannel("A").getextrema() == (0, 0)
    palette = scene("P")
    assert (
        opened(
            inspect(encoded("PNG", palette, transparency=palette.getpixel((0, 0)))).thumbnail
        ).mode
        == "RGBA"
    )


def test_a_colour_that_can_be_seen_through_does_not_mix_with_others() -> None:
    blue, red = b"\0\0\xff", b"\xff\0\0"
    board = Image.frombytes("RGB", (512, 512), ((blue + red) * 256 + (red + blue) * 256) * 256)
    small = opened(inspect(encoded("PNG", board, transparency=(0, 0, 255))).thumbnail)
    wanted = Image.new("RGB", (256, 256), (255, 0, 0))
    assert difference(small, wanted) < 10, "no blue has come into the red"
    assert small.getchannel("A").getpixel((128, 128)) in range(118, 138)


@pytest.mark.parametrize("form", FORMS)
def test_a_thumbnail_has_the_colours_that_a_profile_means(form: str) -> None:
    blue = encoded(form, Image.new("RGB", (300, 300), (0, 0, 255)), icc_profile=swapped_profile())
    found = inspect(blue)
    assert difference(opened(found.thumbnail), Image.new("RGB", (256, 256), (255, 0, 0))) < 60
    assert "icc_profile" not in opened(found.thumbnail).info
    assert opened(found.data).info["icc_profile"] == swapped_profile()


def test_a_profile_that_is_none_is_left_out() -> None:
    found = inspect(encoded("JPEG", icc_profile=b"no profile at all"))
    assert found.data == encoded("JPEG")
    assert difference(opened(found.thumbnail), scene()) < 6


def test_the_colours_of_print_are_kept_and_shown() -> None:
    data = encoded("JPEG", scene("CMYK"), comment=SECRET)
    found = inspect(data)
    assert opened(found.data).mode == "CMYK"
    assert opened(found.data).tobytes() == opened(data).tobytes()
    assert b"Adobe" in found.data
    assert difference(opened(found.thumbnail), scene()) < 12


def test_a_jpeg_in_many_scans_with_restarts_is_whole() -> None:
    data = encoded("JPEG", progressive=True, restart_marker_blocks=1, comment=SECRET)
    found = inspect(data)
    assert opened(found.data).tobytes() == opened(data).tobytes()
    assert len(found.data) == len(data) - len(segment(0xFE, SECRET.encode()))


def test_the_flags_of_a_webp_no_longer_tell_of_what_has_gone() -> None:
    found = inspect(TELLING["WEBP"](icc_profile=swapped_profile()))
    (told,) = struct.unpack_from("<I", found.data, 4)
    assert told + 8 == len(found.data)
    assert found.data[12:16] == b"VP8X"
    assert found.data[20] & 0x2C == 0x20, "the profile is there, EXIF and XMP are not"


def _parts(data: bytes) -> set[bytes]:
    """Those of the words that must not be stored which are."""
    return {part for part in (SECRET.encode(), HIDDEN[:9], b"Exif", b"xmpmeta") if part in data}
