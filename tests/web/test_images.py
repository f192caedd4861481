"""Image bytes: content-addressed, cached for ever, in ranges."""

import hashlib
import io

import pytest
import pytest_asyncio
from PIL import Image

from stage.author import Author, Json
from stage.wire import exchange, request
from web.shapes import told

FOREVER = "private, max-age=31536000, immutable"


@pytest_asyncio.fixture(scope="session")
async def drawn(_sites: list[Author]) -> Json:
    """The status object of an image that all tests here look at."""
    author = _sites[0]
    character_id = await author.character(await author.plot(), "Ada", "a tall woman")
    await author.draw(character_id, provider="avatar", seed=1815)
    return await author.finished(character_id)


async def test_an_image_is_what_its_name_and_its_metadata_say(author: Author, drawn: Json) -> None:
    answer = await author.ask("GET", drawn["image_url"])
    told_of = drawn["metadata"]["image"]
    assert answer.status == 200
    assert hashlib.sha256(answer.raw).hexdigest() == told_of["sha256"]
    assert drawn["image_url"] == f"/api/images/{told_of['sha256']}.png"
    assert len(answer.raw) == told_of["bytes"]
    assert answer.headers["Content-Type"] == told_of["content_type"] == "image/png"
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["ETag"] == f'"{told_of["sha256"]}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.raw)).size == (told_of["width"], told_of["height"])


async def test_its_thumbnail_is_a_small_webp(author: Author, drawn: Json) -> None:
    url = drawn["metadata"]["image"]["thumbnail_url"]
    answer = await author.ask("GET", url)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == FOREVER
    assert url == f"/api/images/{hashlib.sha256(answer.raw).hexdigest()}.webp"
    image = Image.open(io.BytesIO(answer.raw))
    assert image.format == "WEBP"
    assert max(image.size) == 256


async def test_head_tells_the_size_without_the_bytes(author: Author, drawn: Json) -> None:
    for headers in ({}, {"Range": "bytes=0-9"}):  # ranges are for GET alone (RFC 9110, 14.2)
        answer = await author.ask("HEAD", drawn["image_url"], **headers)
        assert (answer.status, answer.raw) == (200, b"")
        assert answer.headers["Content-Length"] == str(drawn["metadata"]["image"]["bytes"])
        assert answer.headers["ETag"]


async def test_who_has_it_already_is_told_so(author: Author, drawn: Json) -> None:
    etag = (await author.ask("HEAD", drawn["image_url"])).headers["ETag"]
    for asked in (etag, f"W/{etag}", f'"a", {etag}', "*"):
        headers = {"If-None-Match": asked, "Range": "bytes=0-9"}
        answer = await author.ask("GET", drawn["image_url"], **headers)
        assert (answer.status, answer.raw) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert answer.headers["Cache-Control"] == FOREVER


RANGES = [("0-0", 0, 1), ("2-9", 2, 10), ("100-", 100, None), ("-7", -7, None)]
RANGES += [("0-99999999999", 0, None), ("-99999999999", 0, None)]


@pytest.mark.parametrize(("wanted", "start", "stop"), RANGES)
async def test_a_range_is_that_part_of_the_whole(
    author: Author, drawn: Json, wanted: str, start: int, stop: int | None
) -> None:
    whole = await author.ask("GET", drawn["image_url"])
    part = await author.ask("GET", drawn["image_url"], Range=f"bytes={wanted}")
    assert part.status == 206
    assert part.raw == whole.raw[start:stop]
    size = len(whole.raw)
    first, last, _ = slice(start, stop).indices(size)
    assert part.headers["Content-Range"] == f"bytes {first}-{last - 1}/{size}"
    assert part.headers["ETag"] == whole.headers["ETag"]
    assert part.headers["Content-Type"] == "image/png"


async def test_a_range_beyond_the_end_is_refused_with_the_size(author: Author, drawn: Json) -> None:
    size = drawn["metadata"]["image"]["bytes"]
    for beyond in (f"bytes={size}-", f"bytes={size}-{size + 5}", "bytes=-0"):
        refused = await author.ask("GET", drawn["image_url"], Range=beyond)
        told(refused, 416, "range_not_satisfiable")
        assert refused.headers["Content-Range"] == f"bytes */{size}"
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert "immutable" not in refused.headers.get("Cache-Control", "")


NO_RANGES = ["bytes=0-1,4-5", "bytes=5-2", "bytes=", "bytes=-", "lines=0-1", "bytes=a-b", "0-1"]


@pytest.mark.parametrize("wanted", NO_RANGES)
async def test_several_ranges_and_what_is_none_give_the_whole(
    author: Author, drawn: Json, wanted: str
) -> None:
    answer = await author.ask("GET", drawn["image_url"], Range=wanted)
    assert answer.status == 200
    assert len(answer.raw) == drawn["metadata"]["image"]["bytes"]


async def test_a_range_is_served_only_of_the_image_that_is_meant(
    author: Author, drawn: Json
) -> None:
    etag = f'"{drawn["metadata"]["image"]["sha256"]}"'
    date = "Sun, 22 Nov 2026 21:00:00 GMT"
    for meant, status in ((etag, 206), ('"b"', 200), (f"W/{etag}", 200), (date, 200)):
        headers = {"Range": "bytes=0-9", "If-Range": meant}
        assert (await author.ask("GET", drawn["image_url"], **headers)).status == status


async def test_a_name_that_nothing_is_stored_under_is_not_there(
    author: Author, drawn: Json
) -> None:
    sha256 = drawn["metadata"]["image"]["sha256"]
    names = ["0" * 64 + ".png", f"{sha256}.webp", f"{sha256}.jpg", f"{sha256}.gif", sha256]
    names += [f"{sha256.upper()}.png", f"{sha256[1:]}.png", f"0{sha256}.png", f"{sha256}.png/"]
    for name in names:
        for method in ("GET", "HEAD"):
            answer = await author.ask(method, f"/api/images/{name}")
            assert answer.status == 404, name


PATHS = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/x.png",
    ".%00.png",
    "%5c..%5cx",
]
PATHS += ["a%0a", "%ff", "0" * 64 + ".png%00", "0" * 64 + ".png%0a", "..%252fx", "0" * 5000]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("base", ["/api/images/", "/page/"])
async def test_no_path_leads_out_of_the_folder(url: str, base: str, path: str) -> None:
    told(await exchange(url, request("GET", base + path)), 404, "not_found")
