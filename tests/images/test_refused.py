"""What is no picture that can be shown, or pretends to be one, is refused with a reason."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from images.crafted import BOMB_BYTES, TELLING, chunk, encoded, exif, named, png, scene, segment
from limner.domain.errors import DrawingError, ErrorCode
from limner.images.inspect import MAX_BYTES, inspect


def refusal(data: bytes) -> str:
    """Why it is refused."""
    with pytest.raises(DrawingError) as refused:
        inspect(data)
    assert refused.value.code is ErrorCode.INVALID_IMAGE
    assert str(refused.value) == "What was drawn is not an image that can be shown."
    return refused.value.detail


def film(form: str) -> bytes:
    """Two pictures, one after the other."""
    return encoded(form, save_all=True, append_images=[scene().rotate(90)], duration=100)


PROGRESSIVE = encoded("JPEG", progressive=True)
LAST_SCAN = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]
BASELINE = encoded("JPEG")
HEAD = png()[16:29]
AT = BASELINE.index(b"\xff\xc0")
SMALL = BASELINE[AT : AT + 5] + b"\0\1\0\1" + BASELINE[AT + 9 : AT + 19]
"""A start of frame that says that it has one pixel."""
EXTENDED = encoded("WEBP", exif=exif())
REFUSED = {
    "nothing": (b"", "nothing at all"),
    "blanks": (b" \r\n", "nothing at all"),
    "HTML": (b"\xef\xbb\xbf\r\n<!DOCTYPE html><title>Sorry</title>", "an HTML page"),
    "JSON": (b'{"error": "come back later"}', "JSON"),
    "SVG": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG"),
    "GIF": (encoded("GIF"), "a GIF"),
    "BMP": (encoded("BMP"), "a BMP"),
    "TIFF": (encoded("TIFF"), "a TIFF"),
    "AVIF": (b"\0\0\0\x20ftypavif\0\0\0\0", "an AVIF"),
    "a film": (b"\0\0\0\x20ftypisom\0\0\0\0", "a HEIC or a film"),
    "something": (b"\1\2\3", "3 bytes that begin with 01 02 03"),
    "too many bytes": (encoded("PNG") + bytes(MAX_BYTES), "bytes are more than 26214400"),
    "a moving PNG": (film("PNG"), "it is an animation"),
    "a moving WebP": (film("WEBP"), "it is an animation"),
    "a PNG of which a byte is wrong": (
        encoded("PNG").replace(b"IDAT", b"IDAT\1", 1),
        "IDAT is wrong",
    ),
    "a PNG with a wrong checksum": (encoded("PNG")[:-20] + b"\1" + encoded("PNG")[-19:], "IDAT is"),
    "a PNG without pixels": (png(width=0), "PNG|size|tile|cannot"),
    "a PNG with half its rows": (png(rows=bytes(1000)), "truncated"),
    "a PNG with some of its rows": (png(height=60, rows=bytes(121 * 30)), "before their last row"),
    "a PNG without its palette": (
        png().replace(chunk(b"IHDR", HEAD), chunk(b"IHDR", HEAD[:9] + b"\3\0\0\0")),
        "AssertionError",
    ),
    "a PNG with a broken palette": (
        png(chunk(b"PLTE", b"abcd")).replace(
            chunk(b"IHDR", HEAD), chunk(b"IHDR", HEAD[:9] + b"\3\0\0\0")
        ),
        "its palette is broken",
    ),
    "a WebP with a broken first chunk": (
        b"RIFF\x26\0\0\0WEBPVP8X\0\0\0\0VP8L\x12\0\0\0\x2f" + bytes(17),
        "its first chunk is broken",
    ),
    "a PNG of an unknown kind": (
        png(chunk(b"CgBI", b"\0\0\0\0")),
        "nobody knows the chunk b'CgBI'",
    ),
    "a PNG that does not begin": (png()[:8] + chunk(b"IEND"), "does not begin with its size"),
    "a PNG of too many parts": (png(*[chunk(b"tEXt")] * 50_000), "more than 50000 chunks"),
    "a PNG that is too large": (png(width=8001, height=5000), "8001x5000 pixels are too many"),
    "a PNG that claims to be": (png(width=2**31 - 1, height=2**31 - 1, rows=b""), "too many"),
    "a JPEG of too many scans": (PROGRESSIVE[:-2] + LAST_SCAN * 60 + b"\xff\xd9", "too many parts"),
    "a JPEG of too many parts": (
        b"\xff\xd8" + segment(0xFE, b"") * 20_001 + encoded("JPEG")[2:],
        "too many parts",
    ),
    "a JPEG of two sizes": (BASELINE[:AT] + SMALL + BASELINE[AT:], "different sizes"),
    "a JPEG without a size": (b"\xff\xd8" + segment(0xFE, b"") + b"\xff\xd9", "how large it is"),
    "a JPEG without a marker": (b"\xff\xd8" + segment(0xFE, b"") + b"abc", "no marker"),
    "a WebP of another size than it says": (named(EXTENDED, 41), "size|can|decod"),
    "a WebP that ends before its picture does": (
        EXTENDED[:4] + (len(EXTENDED) - 20).to_bytes(4, "little") + EXTENDED[8:],
        "in the middle of a chunk",
    ),
    "a WebP that is too large": (named(EXTENDED, 2**24), "16777216x30 pixels are too many"),
    "a WebP without a picture": (b"RIFF\4\0\0\0WEBP", "no picture in it"),
    "a profile that is a bomb": (
        png(chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(BOMB_BYTES)))),
        "too large",
    ),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_picture_that_can_be_shown_is_refused_with_a_reason(
    data: bytes, why: str
) -> None:
    detail = refusal(data)
    assert any(word in detail for word in why.split("|")), detail


@pytest.mark.parametrize(
    "telling",
    [
        chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(BOMB_BYTES))),
        chunk(b"iTXt", b"x\0\1\0\0\0" + zlib.compress(bytes(BOMB_BYTES))),
    ],
    ids=["zTXt", "iTXt"],
)
def test_a_text_that_is_a_bomb_is_left_out_unopened(telling: bytes) -> None:
    assert inspect(png(telling)).data == png()


@pytest.mark.parametrize("form", TELLING)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_that_was_cut_anywhere_is_refused(form: str, data: st.DataObject) -> None:
    for whole in (encoded(form), TELLING[form]()):
        assert refusal(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize("form", TELLING)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_a_picture_or_refused_and_nothing_else(
    form: str, data: st.DataObject
) -> None:
    damaged = bytearray(data.draw(st.sampled_from([encoded(form), TELLING[form](6)])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["change", "drop", "double"])):
            case "change":
                damaged[place] = data.draw(st.integers(0, 255))
            case "drop":
                del damaged[place : place + data.draw(st.integers(1, 40))]
            case "double":
                damaged[place:place] = damaged[place : place + data.draw(st.integers(1, 40))]
        if not damaged:
            break
    try:
        found = inspect(bytes(damaged))
    except DrawingError:
        return
    assert inspect(found.data).data is found.data


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBP"]), st.binary())
def test_what_only_begins_as_a_picture_is_refused(beginning: bytes, rest: bytes) -> None:
    assert refusal(beginning + rest)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_png_of_any_sound_chunks_is_a_picture_or_refused_and_nothing_else(
    data: st.DataObject,
) -> None:
    side, names = st.integers(0, 9), [b"PLTE", b"tRNS", b"bKGD", b"cHRM", b"gAMA", b"pHYs", b"iCCP"]
    depth, colours = data.draw(st.sampled_from([1, 2, 4, 8, 16])), data.draw(st.integers(0, 6))
    sides = [data.draw(side), data.draw(side)]
    head = struct.pack(">IIBBBBB", *sides, depth, colours, 0, 0, data.draw(st.integers(0, 1)))
    others = [
        chunk(name, data.draw(st.binary(max_size=40)))
        for name in data.draw(st.lists(st.sampled_from([*names, b"sBIT", b"sRGB", b"IDAT"])))
    ]
    rows = chunk(b"IDAT", zlib.compress(bytes(data.draw(st.integers(0, 700)))))
    made = png()[:8] + b"".join([chunk(b"IHDR", head), *others, rows, chunk(b"IEND")])
    try:
        found = inspect(made)
    except DrawingError:
        return
    assert inspect(found.data).data is found.data
