"""What tests of downloads share: short bounds, a resolver of their own, and what must not leak."""

import traceback
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from socket import AF_INET, AddressFamily

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from structlog.testing import capture_logs
from structlog.typing import EventDict

from limner.domain.errors import DrawingError, RefusedError
from limner.providers.addresses import ANYWHERE, Reach
from limner.providers.download import Downloader, open_downloader
from limner.providers.trip import Bounds

SECRET = "open-sesame"  # noqa: S105 - what must appear in no log
QUERY = f"?X-Signature={SECRET}%2f%2B"
"""As signed URLs have it: quoted in a way that is not the usual one."""
QUICK = Bounds(
    image_bytes=200_000,
    connect_seconds=5.0,
    silence_seconds=5.0,
    try_seconds=5.0,
    pause_seconds=0.0,
    longest_pause_seconds=0.0,
)


class Answers(AbstractResolver):
    """Gives names the addresses that a test says, at each question the next, and then the last."""

    def __init__(self, addresses: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: AddressFamily = AF_INET,  # noqa: ARG002 - aiohttp's
    ) -> list[ResolveResult]:
        if host not in self._addresses:
            raise OSError(-2, "Name or service not known")
        answers = self._addresses[host]
        answer = answers[min(self.asked.count(host), len(answers) - 1)]
        self.asked.append(host)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=AF_INET, proto=0, flags=0)
            for address in answer
        ]

    async def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def downloading(bounds: Bounds = QUICK, reach: Reach = ANYWHERE) -> AsyncIterator[Downloader]:
    """A downloader with bounds that a test can wait for."""
    async with open_downloader(reach, bounds=bounds) as downloader:
        yield downloader


@contextmanager
def keeping_secrets() -> Iterator[list[EventDict]]:
    """Hears what is logged, and demands at the end that no secret was in it."""
    with capture_logs() as lines:
        yield lines
    assert SECRET not in repr(lines)


async def failure(downloader: Downloader, url: str) -> tuple[DrawingError, list[EventDict]]:
    """How a download of `url` with a secret in its query fails, and what was logged of it."""
    with keeping_secrets() as lines, pytest.raises(DrawingError) as raised:
        await downloader.fetch(url + QUERY)
    error = raised.value
    told = "".join(traceback.format_exception(error))
    assert SECRET not in told + str(error) + error.detail
    assert "X-Signature" not in told + str(error) + error.detail
    assert not isinstance(error, RefusedError), "what is downloaded was ordered and taken"
    return error, lines
