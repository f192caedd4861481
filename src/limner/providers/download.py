"""Fetching what a provider has drawn from where it says that it lies.

The order is paid for by then, so a download is tried again before anything else is: behind the URL
is often a content network that has the image a few seconds after its URL was handed out.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver

from limner import log
from limner.domain.errors import DrawingError, ErrorCode
from limner.providers.addresses import PUBLIC, Reach
from limner.providers.trip import BOUNDS, Bounds, Received, Trip, TripError, sent_once

_HEADERS: Final = {
    "User-Agent": "limner",
    "Accept": "image/png, image/jpeg, image/webp",
    "Accept-Encoding": "identity",
}
_SENTENCES: Final = {
    ErrorCode.PROVIDER_UNAVAILABLE: "The image was drawn, but could not be downloaded.",
    ErrorCode.PROVIDER_TIMEOUT: "The image was drawn, but could not be downloaded in time.",
    ErrorCode.INVALID_IMAGE: "What the provider gave is not an image that can be shown.",
}

_log = log.get()


@asynccontextmanager
async def open_downloader(
    reach: Reach = PUBLIC,
    *,
    bounds: Bounds = BOUNDS,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator["Downloader"]:
    """The one that downloads images for this process, as long as the block runs.

    It has a session of its own: nothing that is sent to a provider, least of all a key, can be sent
    along to where images lie.

    Args:
        reach: what may be connected to.
        bounds: how much a download may take.
        resolver: whom to ask for the addresses of names; the system, if not given.
        tls: whose certificates are trusted; those that the system trusts, if not given.
    """
    connector = aiohttp.TCPConnector(
        limit=0,  # there are as many downloads as drawings, and those are limited
        force_close=True,  # each try stands on its own feet
        use_dns_cache=False,
        resolver=resolver,
        ssl=tls or True,
        socket_factory=reach.socket,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=_HEADERS,
        timeout=aiohttp.ClientTimeout(
            total=None,  # a trip has one for all its redirects together
            connect=bounds.connect_seconds,
            sock_read=bounds.silence_seconds,
        ),
        middlewares=(sent_once,),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield Downloader(session, reach, bounds)


class Downloader:
    """Downloads images; from `open_downloader`."""

    def __init__(self, session: aiohttp.ClientSession, reach: Reach, bounds: Bounds) -> None:
        self._session = session
        self._reach = reach
        self._bounds = bounds

    async def fetch(self, url: str, *, on_progress: Received | None = None) -> bytes:
        """The bytes of an image: PNG, JPEG or WebP by their signs, decoded by nobody yet.

        Cancelling closes the connection.

        Args:
            url: as the provider gave it. Its query is taken for secret.
            on_progress: hears of what has arrived.

        Raises:
            DrawingError: `provider_unavailable`, it was not given, or lies where nothing is
                downloaded from; `provider_timeout`, not in time; `invalid_image`, it is too large
                or no picture. Never a RefusedError: the order itself was taken.
        """
        number = 0
        while True:
            number += 1
            trip = Trip(self._session, self._reach, self._bounds, url)
            try:
                return await trip.bring(on_progress)
            except TripError as error:
                if not error.may_pass or number == self._bounds.tries:
                    detail = f"{trip.where()}, try {number}: {error.why}"
                    raise DrawingError(error.code, _SENTENCES[error.code], detail=detail) from None
                pause_seconds = self._pause_seconds(number, error.retry_after_seconds or 0.0)
                _log.warning(
                    "Downloading an image again",
                    url=trip.where(),
                    why=error.why,
                    failed_try=number,
                    of_tries=self._bounds.tries,
                    pause_seconds=round(pause_seconds, 3),
                )
            await asyncio.sleep(pause_seconds)

    def _pause_seconds(self, number: int, asked_seconds: float) -> float:
        pause_seconds = self._bounds.pause_seconds * (1 << (number - 1))
        jittered = pause_seconds * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        return min(max(jittered, asked_seconds), self._bounds.longest_pause_seconds)
