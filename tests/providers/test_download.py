"""Downloading over real sockets: what is given, what is asked for again, and what is said of it."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image

from limner.domain.errors import ErrorCode
from limner.providers.download import Downloader
from limner.providers.trip import BOUNDS
from providers.downloads import QUERY, QUICK, downloading, failure, keeping_secrets
from standins.pictures import PictureServer, body, open_pictures, picture


@pytest.fixture
async def pictures() -> AsyncIterator[PictureServer]:
    async with open_pictures() as server:
        yield server


@pytest.fixture
async def downloader() -> AsyncIterator[Downloader]:
    async with downloading() as opened:
        yield opened


@pytest.mark.parametrize(("name", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
async def test_a_picture_is_given_byte_for_byte(
    pictures: PictureServer, downloader: Downloader, name: str, kind: str
) -> None:
    data = await downloader.fetch(f"{pictures.url}/portrait.{name}")
    assert data == picture(kind)
    assert Image.open(io.BytesIO(data)).format == kind


async def test_a_signed_url_is_asked_for_byte_for_byte_and_with_nothing_that_tells_of_us(
    pictures: PictureServer, downloader: Downloader
) -> None:
    await downloader.fetch(f"{pictures.url}/portrait.png{QUERY}")
    (request,) = pictures.requests
    assert request.target == f"/portrait.png{QUERY}"
    assert request.headers == {
        "host": pictures.url.removeprefix("http://"),
        "user-agent": "limner",
        "accept": "image/png, image/jpeg, image/webp",
        "accept-encoding": "identity",
        "connection": "close",
    }


async def test_a_cookie_is_not_kept(pictures: PictureServer, downloader: Downloader) -> None:
    pictures.acts["/cookie.png"] = [body(picture(), headers={"Set-Cookie": "who=you; Path=/"})]
    for _ in range(2):
        await downloader.fetch(f"{pictures.url}/cookie.png")
    assert "cookie" not in pictures.requests[1].headers


async def test_the_environment_names_no_proxy_and_no_password(
    pictures: PictureServer, downloader: Downloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9/")
    assert await downloader.fetch(f"{pictures.url}/portrait.png") == picture()


async def test_progress_tells_of_the_bytes_that_have_come(
    pictures: PictureServer, downloader: Downloader
) -> None:
    heard: list[tuple[int, int | None]] = []
    data = await downloader.fetch(
        f"{pictures.url}/portrait.png", on_progress=lambda *told: heard.append(told)
    )
    assert heard[-1] == (len(data), len(data))
    assert sorted(heard) == heard


@pytest.mark.parametrize(
    ("path", "requests", "why"),
    [
        ("/late.png", 3, "HTTP 404"),
        ("/forbidden-first.png", 2, "HTTP 403"),
        ("/broken-first.png", 4, "HTTP 500"),
        ("/busy.png", 2, "HTTP 429"),
        ("/html-first.png", 2, "an HTML page"),
        ("/cut-first.png", 2, "ClientPayloadError"),
        ("/reset-first.png", 2, "ClientOSError: Connection reset by peer"),
    ],
)
async def test_what_is_not_there_at_first_is_asked_for_again_and_that_is_logged(
    pictures: PictureServer, downloader: Downloader, path: str, requests: int, why: str
) -> None:
    with keeping_secrets() as lines:
        assert await downloader.fetch(f"{pictures.url}{path}{QUERY}") == picture()
    assert pictures.count(f"{path}{QUERY}") == requests
    assert len(lines) == requests - 1
    assert lines[0] == {
        "event": "Downloading an image again",
        "log_level": "warning",
        "url": f"{pictures.url}{path}",
        "why": why,
        "failed_try": 1,
        "of_tries": 4,
        "pause_seconds": 0.0,
    }


@pytest.mark.parametrize(
    ("path", "code", "why"),
    [
        ("/missing.png", ErrorCode.PROVIDER_UNAVAILABLE, "HTTP 404"),
        ("/broken.png", ErrorCode.PROVIDER_UNAVAILABLE, "HTTP 500"),
        ("/reset.png", ErrorCode.PROVIDER_UNAVAILABLE, "Connection reset by peer"),
        ("/cut.png", ErrorCode.PROVIDER_UNAVAILABLE, "ClientPayloadError"),
        ("/html.png", ErrorCode.INVALID_IMAGE, "an HTML page"),
        ("/html-in-disguise.png", ErrorCode.INVALID_IMAGE, "neither PNG, JPEG nor WebP"),
        ("/empty.png", ErrorCode.INVALID_IMAGE, "0 bytes, neither PNG"),
        ("/cut-unannounced.png", ErrorCode.INVALID_IMAGE, "a picture that is cut off"),
        ("/bomb.png", ErrorCode.INVALID_IMAGE, "packed, which was not asked for"),
    ],
)
async def test_what_never_comes_is_given_up_after_four_tries(
    pictures: PictureServer, downloader: Downloader, path: str, code: ErrorCode, why: str
) -> None:
    error, lines = await failure(downloader, f"{pictures.url}{path}")
    assert error.code is code
    assert error.detail.startswith(f"{pictures.url}{path}, try 4: ")
    assert why in error.detail
    assert str(error).endswith(".")
    assert pictures.count(f"{path}{QUERY}") == 4
    assert [line["failed_try"] for line in lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("path", "code", "why"),
    [
        ("/gone.png", ErrorCode.PROVIDER_UNAVAILABLE, "HTTP 410"),
        ("/refused.png", ErrorCode.PROVIDER_UNAVAILABLE, "HTTP 401"),
        ("/to-nowhere.png", ErrorCode.PROVIDER_UNAVAILABLE, "HTTP 302"),
        ("/large.png", ErrorCode.INVALID_IMAGE, "more than 200000 bytes"),
        ("/flood.png", ErrorCode.INVALID_IMAGE, "more than 200000 bytes"),
    ],
)
async def test_what_will_not_get_better_is_asked_for_once(
    pictures: PictureServer, downloader: Downloader, path: str, code: ErrorCode, why: str
) -> None:
    error, lines = await failure(downloader, f"{pictures.url}{path}")
    assert (error.code, error.detail) == (code, f"{pictures.url}{path}, try 1: {why}")
    assert pictures.count(f"{path}{QUERY}") == 1
    assert lines == []


async def test_a_picture_of_exactly_the_largest_size_is_taken_and_of_one_byte_more_is_not(
    pictures: PictureServer,
) -> None:
    size = len(picture())
    pictures.acts["/unannounced.png"] = [body(picture(), is_announced=False)]
    for path in ("/portrait.png", "/unannounced.png"):
        async with downloading(replace(QUICK, image_bytes=size)) as downloader:
            assert await downloader.fetch(pictures.url + path) == picture()
        async with downloading(replace(QUICK, image_bytes=size - 1)) as downloader:
            error, _ = await failure(downloader, pictures.url + path)
            assert error.code is ErrorCode.INVALID_IMAGE
    assert BOUNDS.image_bytes == 25 * 1024 * 1024


async def test_a_packed_body_is_not_even_read(
    pictures: PictureServer, downloader: Downloader
) -> None:
    heard: list[int] = []
    with pytest.raises(Exception, match="not an image"):
        await downloader.fetch(
            f"{pictures.url}/bomb.png", on_progress=lambda count, _: heard.append(count)
        )
    assert heard == []


async def test_nobody_listening_is_a_provider_that_is_away(downloader: Downloader) -> None:
    async with open_pictures() as closed:
        pass
    error, lines = await failure(downloader, f"{closed.url}/portrait.png")
    assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert "ConnectionRefusedError: Connect call failed" in error.detail
    assert len(lines) == 3
