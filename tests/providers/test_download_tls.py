"""Downloading over TLS, as from the internet: whom to believe, and no way back to http."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trustme

from limner.domain.errors import ErrorCode
from limner.providers.addresses import Reach
from limner.providers.download import Downloader, open_downloader
from limner.providers.trip import Bounds
from providers.downloads import QUICK, Answers, failure
from standins.pictures import PictureServer, moved, open_pictures, picture

NAME = "images.example"
OUTWARD = Reach(frozenset({"https"}), {"127.0.0.1"}.__contains__)
AUTHORITY = trustme.CA()


@pytest.fixture
async def pictures() -> AsyncIterator[PictureServer]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(NAME).configure_cert(tls)
    async with open_pictures(tls=tls) as server:
        yield server


@asynccontextmanager
async def downloading(bounds: Bounds = QUICK, *, trusts: bool = True) -> AsyncIterator[Downloader]:
    tls = ssl.create_default_context()
    if trusts:
        AUTHORITY.configure_trust(tls)
    resolver = Answers({name: [["127.0.0.1"]] for name in (NAME, "other.example")})
    async with open_downloader(OUTWARD, bounds=bounds, resolver=resolver, tls=tls) as opened:
        yield opened


async def test_a_picture_comes_over_tls(pictures: PictureServer) -> None:
    async with downloading() as downloader:
        data = await downloader.fetch(f"https://{NAME}:{pictures.port}/late.png")
    assert data == picture()
    assert len(pictures.requests) == 3


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    pictures: PictureServer,
) -> None:
    async with downloading(trusts=False) as downloader:
        error, lines = await failure(downloader, f"https://{NAME}:{pictures.port}/portrait.png")
    assert error.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert error.detail.endswith("try 4: its certificate is not trusted")
    assert (len(lines), pictures.requests) == (3, [])


async def test_a_certificate_for_another_name_is_not_believed(pictures: PictureServer) -> None:
    async with downloading() as downloader:
        error, _ = await failure(downloader, f"https://other.example:{pictures.port}/portrait.png")
    assert error.detail.endswith("its certificate is not trusted")
    assert pictures.requests == []


async def test_a_redirect_from_https_to_http_is_refused(pictures: PictureServer) -> None:
    async with open_pictures() as plain:
        pictures.acts["/down.png"] = [moved(f"http://{NAME}:{plain.port}/portrait.png")]
        async with downloading() as downloader:
            error, _ = await failure(downloader, f"https://{NAME}:{pictures.port}/down.png")
        assert plain.connections == 0
    assert error.detail.endswith(
        f" → http://{NAME}:{plain.port}/portrait.png, try 1: out of reach: its scheme is not https"
    )


async def test_a_server_that_never_shakes_hands_has_its_time() -> None:
    bounds = replace(QUICK, connect_seconds=0.05)
    async with open_pictures() as mute, downloading(bounds) as downloader:
        error, lines = await failure(downloader, f"https://{NAME}:{mute.port}/portrait.png")
    assert error.code is ErrorCode.PROVIDER_TIMEOUT
    assert error.detail.endswith("try 4: ConnectionTimeoutError")
    assert len(lines) == 3
