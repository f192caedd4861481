"""Asking a provider over HTTP, so that it is always known what became of an order.

Connections are not kept for the next request: on one that the other side is just closing, a
request gets no answer, and an order without an answer is perhaps taken.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.transition import JsonObject
from limner.providers.addresses import loggable_url

CONNECT_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The longest answer that is read: an image in base64 is longer than itself."""
TOLD_CHARACTERS: Final = 500
"""Of a provider's own words so many go to the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Their names in any case."""
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110 §15.3

    def json_object(self) -> JsonObject | None:
        """The body as a JSON object; None when it is anything else, such as an HTML page."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def retry_after_seconds(self) -> float | None:
        """What `Retry-After` asks for, a number of seconds or a date; None without a sane one."""
        told = self.headers.get("Retry-After", "").strip()
        if told.isascii() and told.isdigit():
            return float(told[:9])
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0.0)

    def told(self, *secrets: str | None) -> str:
        """What it says, short and without secrets, for the log."""
        return f"HTTP {self.status}: {loggable(self.body.decode(errors='replace'), *secrets)}"


def loggable(words: str, *secrets: str | None) -> str:
    """A provider's own words for the log: one line, short, with keys blanked out."""
    for secret in secrets:
        if secret:
            words = words.replace(secret, "***")
    return " ".join(words.split())[:TOLD_CHARACTERS]


def open_session() -> aiohttp.ClientSession:
    """A session for providers: no cookies, no proxies or passwords from the environment."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "limner"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
    )


async def ask(  # noqa: PLR0913 - what a request is made of, each by its name
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    seconds: float,
    body: JsonObject | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request and read the whole answer. Redirects are not followed.

    Raises:
        RefusedError, DrawingError: as `calling`.
    """
    async with calling(session, method, url, seconds=seconds, body=body, headers=headers) as got:
        return await read(got)


@asynccontextmanager
async def calling(  # noqa: PLR0913 - what a request is made of, each by its name
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    seconds: float,
    body: JsonObject | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send a request; the block reads the answer. Redirects are not followed, they are answers.

    Args:
        session: from `open_session`.
        method: GET or POST.
        url: goes to logs without its query.
        seconds: for the request and the block together.
        body: sent as JSON.
        headers: beside those of the session.

    Raises:
        RefusedError: `provider_unavailable`, there was no connection: nothing was sent.
        DrawingError: `provider_unavailable` or `provider_timeout`, the connection broke or no
            answer came in time: what was sent is perhaps taken.
    """
    timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
    try:
        async with session.request(
            method, url, json=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            yield response
    except (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.InvalidURL,
    ) as error:
        raise RefusedError(
            ErrorCode.PROVIDER_UNAVAILABLE,
            "The provider could not be reached.",
            detail=_told(url, error),
        ) from error
    except TimeoutError as error:  # aiohttp's own are kinds of it
        raise DrawingError(
            ErrorCode.PROVIDER_TIMEOUT,
            "The provider did not answer in time.",
            detail=_told(url, error),
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DrawingError(
            ErrorCode.PROVIDER_UNAVAILABLE,
            "The connection to the provider broke.",
            detail=_told(url, error),
        ) from error


async def read(response: aiohttp.ClientResponse) -> Answer:
    """The whole answer.

    Raises:
        DrawingError: `provider_unavailable`, it is longer than any answer should be.
        aiohttp.ClientError, TimeoutError: for `calling`, in whose block this is called.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > ANSWER_BYTES:
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "The provider's answer could not be read.",
                detail=f"{response.url}: more than {ANSWER_BYTES} bytes",
            )
    return Answer(response.status, response.headers, bytes(body))


def _told(url: str, error: BaseException) -> str:
    return loggable(f"{loggable_url(url)}: {type(error).__name__}: {error}".replace(url, ""))
