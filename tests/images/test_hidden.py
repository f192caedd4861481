"""What is hidden where nobody looks who shows a picture is not stored, and harms nobody."""

import struct
import zlib

import pytest
from PIL import ImageCms

from images.crafted import SECRET, chunk, encoded, opened, png, scene, segment, swapped_profile
from limner.images import pixels
from limner.images.inspect import inspect

HIDDEN = SECRET.encode()
HEAD, ROWS = png()[:33], bytes(121 * 30)
"""Of forty by thirty black pixels."""
PIXELS, END = chunk(b"IDAT", zlib.compress(ROWS)), chunk(b"IEND")
LONG_PROFILE = swapped_profile() + HIDDEN
NO_PROFILE = b"no profile, but " + HIDDEN
SIGNED = struct.pack(">I", 432) + swapped_profile()[4:128] + bytes(4) + HIDDEN.ljust(300)
"""The head of a profile, without any tag."""
JPEG, WEBP = encoded("JPEG"), encoded("WEBP")


def of(*chunks: bytes) -> bytes:
    """A PNG of its head and these."""
    return HEAD + b"".join(chunks)


def indexed(*chunks: bytes) -> bytes:
    """A PNG of one pixel that is a number in a palette."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 3, 0, 0, 0))
    return png()[:8] + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\0")) + END


def plain(data: bytes) -> bytes:
    """Packed so that it can be read in what comes out."""
    return zlib.compress(data, 0)


def icc(*parts: bytes, count: int | None = None) -> bytes:
    """A JPEG with a profile in these parts."""
    segments = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, count or len(parts)]) + part)
        for number, part in enumerate(parts, 1)
    ]
    return JPEG[:2] + b"".join(segments) + JPEG[2:]


def with_chunk(webp: bytes, kind: bytes, body: bytes) -> bytes:
    """A WebP with a chunk more at its end."""
    more = webp[8:] + kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(more)) + more


HIDING = {
    "behind the stream": of(chunk(b"IDAT", zlib.compress(ROWS) + HIDDEN), END),
    "in a chunk behind the stream": of(PIXELS, chunk(b"IDAT", HIDDEN), END),
    "behind the last row": of(chunk(b"IDAT", plain(ROWS + HIDDEN)), END),
    "in the last chunk": of(PIXELS, chunk(b"IEND", HIDDEN)),
    "behind the last chunk": png() + HIDDEN,
    "in the name of a profile": of(
        chunk(b"iCCP", HIDDEN + b"\0\0" + zlib.compress(swapped_profile())), PIXELS, END
    ),
    "behind the stream of a profile": of(
        chunk(b"iCCP", b"x\0\0" + zlib.compress(swapped_profile()) + HIDDEN), PIXELS, END
    ),
    "behind a profile": of(chunk(b"iCCP", b"x\0\0" + plain(LONG_PROFILE)), PIXELS, END),
    "behind the stream of a named profile": of(
        chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(swapped_profile()) + HIDDEN), PIXELS, END
    ),
    "behind a named profile": of(
        chunk(b"iCCP", b"ICC Profile\0\0" + plain(LONG_PROFILE)), PIXELS, END
    ),
    "in what is no profile": of(chunk(b"iCCP", b"x\0\0" + plain(NO_PROFILE)), PIXELS, END),
    "in a profile that cannot be": of(chunk(b"iCCP", b"x\0\0" + plain(SIGNED)), PIXELS, END),
    "in a profile that is no stream": of(chunk(b"iCCP", b"x\0\0" + HIDDEN), PIXELS, END),
    "in a second profile": of(
        chunk(b"iCCP", b"x\0\0" + zlib.compress(swapped_profile())),
        chunk(b"iCCP", HIDDEN + b"\0\0" + zlib.compress(swapped_profile())),
        PIXELS,
        END,
    ),
    "behind a gamma": of(chunk(b"gAMA", b"\0\0\xb1\x8f" + HIDDEN), PIXELS, END),
    "in what can be seen through": of(chunk(b"tRNS", HIDDEN), PIXELS, END),
    "in a palette of nothing": of(chunk(b"PLTE", HIDDEN.ljust(60)), PIXELS, END),
    "in a second palette": indexed(chunk(b"PLTE", b"abc"), chunk(b"PLTE", HIDDEN.ljust(60))),
    "in a second head": of(chunk(b"IHDR", HIDDEN), PIXELS, END),
    "behind Adobe's": JPEG[:2] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + HIDDEN) + JPEG[2:],
    "behind the last scan": JPEG[:-2] + segment(0xDB, HIDDEN) + JPEG[-2:],
    "behind a JPEG": JPEG + HIDDEN,
    "behind a profile in a JPEG": icc(LONG_PROFILE[:100], LONG_PROFILE[100:]),
    "in no profile in a JPEG": icc(NO_PROFILE),
    "in a profile in a JPEG that cannot be": icc(SIGNED),
    "in half a profile in a JPEG": icc(LONG_PROFILE, count=2),
    "in too short a JFIF": JPEG[:2] + segment(0xE0, b"JFIF\0" + HIDDEN[:7]) + JPEG[2:],
    "behind a WebP": WEBP + HIDDEN,
    "behind a profile in a WebP": encoded("WEBP", icc_profile=LONG_PROFILE),
    "in no profile in a WebP": encoded("WEBP", icc_profile=NO_PROFILE),
    "in a profile nobody asks for": with_chunk(WEBP, b"ICCP", LONG_PROFILE),
    "in a second picture": with_chunk(WEBP, b"VP8 ", HIDDEN),
    "in a late canvas": with_chunk(WEBP, b"VP8X", HIDDEN),
}
SMALLEST = indexed(chunk(b"PLTE", b"abc"))
SMALL = {"in a second palette"}
PLAIN = {png()[:3]: png(), JPEG[:3]: JPEG, WEBP[:3]: WEBP}
"""What is to be seen, by how a file begins."""
PROFILED = {
    "in the name of a profile",
    "behind the stream of a profile",
    "behind a profile",
    "behind the stream of a named profile",
    "behind a named profile",
    "in a second profile",
    "behind a profile in a JPEG",
    "behind a profile in a WebP",
}


@pytest.mark.parametrize("where", HIDING)
def test_a_text_where_nobody_looks_is_not_stored_and_the_picture_is_the_same(where: str) -> None:
    data = HIDING[where]
    assert HIDDEN[:7] in data
    found = inspect(data)
    assert HIDDEN[:7] not in found.data
    stored = opened(found.data)
    wanted = SMALLEST if where in SMALL else PLAIN[data[:3]]
    assert stored.tobytes() == opened(wanted).tobytes()
    profile = swapped_profile() if where in PROFILED else None
    assert stored.info.get("icc_profile") == profile
    assert found.image.size_bytes == len(found.data)
    assert inspect(found.data).data is found.data, "what is stored has nothing more to lose"


def test_what_was_cut_off_leaves_the_file_that_was_there() -> None:
    assert inspect(HIDING["in the last chunk"]).data == png()
    assert inspect(HIDING["behind the last chunk"]).data == png()
    assert inspect(HIDING["behind a gamma"]).data == png()
    assert inspect(HIDING["behind the last scan"]).data == JPEG
    assert inspect(HIDING["in no profile in a JPEG"]).data == JPEG
    assert inspect(HIDING["in a second picture"]).data == WEBP


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tail", [b"\n", b"\0" * 512, b"\xff\xd9", b"PK\3\4" + HIDDEN])
def test_what_follows_the_end_is_cut_off_and_the_picture_is_taken(form: str, tail: bytes) -> None:
    assert inspect(encoded(form) + tail).data == encoded(form)


def test_what_fills_up_before_a_marker_is_passed_over() -> None:
    at = JPEG.index(b"\xff\xdb")
    filled = JPEG[:2] + b"\xff" * 9 + JPEG[2:at] + b"\xff" + JPEG[at:]
    assert inspect(filled).data == JPEG
    before_its_end = inspect(JPEG[:-2] + b"\xff" * 3 + JPEG[-2:])
    assert opened(before_its_end.data).tobytes() == opened(JPEG).tobytes()


def test_a_profile_in_parts_out_of_order_is_kept() -> None:
    whole = icc(swapped_profile()[:200], swapped_profile()[200:])
    assert inspect(whole).data == whole
    first = segment(0xE2, b"ICC_PROFILE\0\1\2" + swapped_profile()[:200])
    rest = whole[2 + len(first) : -len(JPEG) + 2]
    assert inspect(JPEG[:2] + rest + first + JPEG[2:]).data == whole


def test_a_profile_of_more_parts_than_there_can_be_is_left_out() -> None:
    part = segment(0xE2, b"ICC_PROFILE\0\1\1" + HIDDEN)
    assert inspect(JPEG[:2] + part * 300 + JPEG[2:]).data == JPEG


def test_pixels_in_a_thousand_pieces_that_shrank_well_stay_as_they_are() -> None:
    packed = zlib.compress(bytes((1500 * 3 + 1) * 1500))
    pieces = [chunk(b"IDAT", packed[start : start + 7]) for start in range(0, len(packed), 7)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1500, 1500, 8, 2, 0, 0, 0))
    data = png()[:8] + head + b"".join(pieces) + chunk(b"IDAT") + END
    assert inspect(data).data is data
    large = png(width=1500, height=1500, rows=bytes((1500 * 3 + 1) * 1500) + HIDDEN)
    assert opened(inspect(large).data).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("size", [(1, 1), (4, 9), (5, 3), (33, 17)])
@pytest.mark.parametrize(("depth", "colours", "bits"), [(1, 0, 1), (4, 3, 4), (8, 6, 32)])
def test_an_interlaced_picture_has_as_many_rows_as_it_should(
    size: tuple[int, int], depth: int, colours: int, bits: int
) -> None:
    width, height = size
    adam7 = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656"]
    adam7.append("77777777")
    wanted = 0
    for number in "1234567":
        rows = [sum(adam7[y % 8][x % 8] == number for x in range(width)) for y in range(height)]
        wanted += sum(1 + -(-count * bits // 8) for count in rows if count)
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 1)
    assert pixels.rows_bytes(head) == wanted
    palette = chunk(b"PLTE", b"abc") if colours == 3 else b""
    packed = chunk(b"IDAT", zlib.compress(bytes(wanted)))
    data = png()[:8] + chunk(b"IHDR", head) + palette + packed + END
    assert inspect(data).data is data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_every_kind_are_stored_as_they_came(mode: str) -> None:
    image = scene("I").convert("I;16") if mode == "I;16" else scene(mode)
    data = encoded("PNG", image, icc_profile=_srgb())
    assert inspect(data).data is data


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
