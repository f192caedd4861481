"""One trip to where an image lies: there, by redirects perhaps, and back with it or with nothing.

What went wrong is told in words of our own: what aiohttp's errors say may hold the whole URL.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aiohttp

from limner.domain.errors import ErrorCode
from limner.providers.addresses import OutOfReachError, Reach, loggable_url
from limner.providers.http import Answer
from limner.providers.signs import why_no_picture

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NOT_YET: Final = frozenset({202, 204, 403, 404, 408, 425, 429})
"""Answers that may be others in a moment: object stores say 403, too, for what is not there yet."""
_SERVER_ERRORS: Final = 500
_CHUNK_BYTES: Final = 64 * 1024
_AWAY: Final = ErrorCode.PROVIDER_UNAVAILABLE

Received = Callable[[int, int | None], None]
"""Takes how many bytes are there, and of how many (None: not known); never blocks. A new try begins
again with few."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a download may take."""

    image_bytes: int = 25 * 1024 * 1024
    """What an image may have at most: no larger one is stored either."""
    connect_seconds: float = 5.0
    """For the name, the connection and TLS."""
    silence_seconds: float = 10.0
    """Between two bytes."""
    try_seconds: float = 30.0
    """For one try, its redirects included."""
    redirects: int = 5
    tries: int = 4
    pause_seconds: float = 1.0
    """Before the second try; doubled before each one after; jittered."""
    longest_pause_seconds: float = 10.0
    """However long a `Retry-After` asks for."""


BOUNDS: Final = Bounds()


class TripError(Exception):
    """A try that gave no picture.

    Args:
        code: why, for the status.
        why: why, for the log; nothing of it is secret.
        may_pass: whether the next try may do better.
        retry_after_seconds: what the server asked for.
    """

    def __init__(
        self,
        code: ErrorCode,
        why: str,
        *,
        may_pass: bool = True,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.may_pass = may_pass
        self.retry_after_seconds = retry_after_seconds


async def sent_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Middleware for a trip's session: a request whose connection broke is not sent again unheard.

    aiohttp does so by itself with every GET. Here each try is counted, and told of in the log.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise TripError(_AWAY, _told(error)) from None


class Trip:
    """One try at a download.

    Args:
        session: one that unpacks nothing by itself, with `sent_once` in between.
        reach: what may be connected to.
        bounds: how much it may take.
        url: where the image lies.
    """

    def __init__(
        self, session: aiohttp.ClientSession, reach: Reach, bounds: Bounds, url: str
    ) -> None:
        self._session = session
        self._reach = reach
        self._bounds = bounds
        self._url = url
        self.at = url
        """Where it has come to; it may be secret."""

    async def bring(self, on_progress: Received | None) -> bytes:
        """The image.

        Raises:
            TripError: there is none.
        """
        try:
            async with asyncio.timeout(self._bounds.try_seconds):
                return await self._follow(on_progress)
        except OutOfReachError as error:
            raise _out_of_reach(error) from None
        except aiohttp.InvalidURL:
            raise _out_of_reach(OutOfReachError("its host is no name and no address")) from None
        except aiohttp.ClientConnectorCertificateError:
            raise TripError(_AWAY, "its certificate is not trusted") from None
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, OutOfReachError):
                raise _out_of_reach(error.os_error) from None
            raise TripError(_AWAY, _told(error.os_error)) from None
        except TimeoutError as error:  # aiohttp's own are kinds of it
            raise TripError(ErrorCode.PROVIDER_TIMEOUT, _told(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise TripError(_AWAY, _told(error)) from None

    async def _follow(self, on_progress: Received | None) -> bytes:
        """Go where redirects lead, each of them judged as the first URL was."""
        place = self._reach.place(self._url)
        for _ in range(self._bounds.redirects + 1):
            async with self._session.get(place, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or location is None:
                    return await self._read(response, on_progress)
                self.at = location
                place = self._reach.place(location, place)
                self.at = str(place)
        raise TripError(_AWAY, "too many redirects", may_pass=False)

    async def _read(self, response: aiohttp.ClientResponse, on_progress: Received | None) -> bytes:
        _check(response)
        announced = response.content_length
        if announced is not None and announced > self._bounds.image_bytes:
            raise self._too_large()
        chunks: list[bytes] = []
        count = 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            count += len(chunk)
            if count > self._bounds.image_bytes:
                raise self._too_large()
            chunks.append(chunk)
            if on_progress is not None:
                on_progress(count, announced)
        data = b"".join(chunks)
        why = why_no_picture(data)
        if why is not None:
            raise TripError(ErrorCode.INVALID_IMAGE, f"{count} bytes, {why}")
        return data

    def _too_large(self) -> TripError:
        why = f"more than {self._bounds.image_bytes} bytes"
        return TripError(ErrorCode.INVALID_IMAGE, why, may_pass=False)

    def where(self) -> str:
        """The way it went, for the log."""
        first, last = loggable_url(self._url), loggable_url(self.at)
        return first if last == first else f"{first} → {last}"


def _check(response: aiohttp.ClientResponse) -> None:
    """Refuse an answer that can't be an image, before its body is read."""
    status = response.status
    if status != 200:  # noqa: PLR2004 - without a range asked for, only this one brings an image
        raise TripError(
            _AWAY,
            f"HTTP {status}",
            may_pass=status in _NOT_YET or status >= _SERVER_ERRORS,
            retry_after_seconds=Answer(status, response.headers, b"").retry_after_seconds,
        )
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        # never unpacked: images do not get smaller by it, but a bomb does
        raise TripError(ErrorCode.INVALID_IMAGE, "packed, which was not asked for")
    if response.content_type == "text/html":
        raise TripError(ErrorCode.INVALID_IMAGE, "an HTML page")


def _out_of_reach(error: OutOfReachError) -> TripError:
    return TripError(_AWAY, f"out of reach: {error.why}", may_pass=False)


def _told(error: BaseException) -> str:
    """An error's kind, and the system's words for it: never what it says of the request."""
    words = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
