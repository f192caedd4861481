"""How long a download may take, how long it waits before the next try, and how soon it ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from limner.domain.errors import ErrorCode
from limner.providers.trip import BOUNDS, Bounds
from providers.downloads import QUERY, QUICK, downloading, failure, keeping_secrets
from standins.pictures import PictureServer, body, open_pictures, picture, status


@pytest.fixture
async def pictures() -> AsyncIterator[PictureServer]:
    async with open_pictures() as server:
        yield server


@pytest.mark.parametrize(
    ("path", "bounds", "why"),
    [
        ("/hang.png", replace(QUICK, silence_seconds=0.05), "SocketTimeoutError"),
        ("/hang.png", replace(QUICK, try_seconds=0.05), "TimeoutError"),
        ("/drip.png", replace(QUICK, try_seconds=0.2), "TimeoutError"),
    ],
)
async def test_silence_and_an_endless_body_have_their_bounds(
    pictures: PictureServer, path: str, bounds: Bounds, why: str
) -> None:
    async with downloading(replace(bounds, tries=2)) as downloader:
        error, _ = await failure(downloader, pictures.url + path)
    assert error.code is ErrorCode.PROVIDER_TIMEOUT
    assert error.detail == f"{pictures.url}{path}, try 2: {why}"
    assert pictures.count(f"{path}{QUERY}") == 2


async def test_a_retry_after_is_heeded_within_a_bound(pictures: PictureServer) -> None:
    forever = status(503, {"Retry-After": "86400"})
    pictures.acts["/resting.png"] = [forever, body(picture())]
    bounds = replace(QUICK, longest_pause_seconds=0.05)
    async with downloading(bounds) as downloader:
        with keeping_secrets() as lines:
            await downloader.fetch(f"{pictures.url}/resting.png{QUERY}")
            await downloader.fetch(f"{pictures.url}/late.png{QUERY}")
    assert [line["pause_seconds"] for line in lines] == [0.05, 0.0, 0.0]


async def test_a_retry_after_that_makes_no_sense_is_none(pictures: PictureServer) -> None:
    for told in ("soon", "-1", "Mon, 01 Jan 99999999999999 00:00:00 GMT"):
        pictures.acts["/odd.png"] = [status(503, {"Retry-After": told}), body(picture())]
        async with downloading(replace(QUICK, longest_pause_seconds=10.0)) as downloader:
            with keeping_secrets() as lines:
                await downloader.fetch(f"{pictures.url}/odd.png?{told.split()[0]}")
        assert [line["pause_seconds"] for line in lines] == [0.0]


async def test_pauses_double_and_never_pass_their_bound(pictures: PictureServer) -> None:
    bounds = replace(QUICK, pause_seconds=0.01, longest_pause_seconds=0.03)
    async with downloading(bounds) as downloader:
        _, lines = await failure(downloader, f"{pictures.url}/missing.png")
    first, second, third = [line["pause_seconds"] for line in lines]
    assert 0.005 <= first <= 0.01 <= second <= 0.02 <= third <= 0.03


@pytest.mark.parametrize("path", ["/hang.png", "/drip.png"])
async def test_cancelling_ends_it_at_once_and_closes_the_connection(
    pictures: PictureServer, path: str
) -> None:
    asked = asyncio.Event()
    acts = pictures.acts[path]

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await acts[0](reader, writer)

    pictures.acts[path] = [tell]
    async with downloading(BOUNDS) as downloader:
        task = asyncio.create_task(downloader.fetch(pictures.url + path), name="cancelled")
        await asyncio.wait_for(asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        assert await asyncio.wait_for(pictures.left.get(), 5) == path
    assert len(pictures.requests) == 1
