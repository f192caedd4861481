"""How long one attempt, and the whole generation, may take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner.domain.errors import DrawingError, ErrorCode
from limner.flows.attempt import Attempt
from limner.settings import Settings


@asynccontextmanager
async def in_time(attempt: Attempt, settings: Settings) -> AsyncIterator[None]:
    """Give the block what is left of an attempt's time.

    Raises:
        DrawingError: `provider_timeout`, the attempt has taken too long; `deadline_exceeded`, the
            whole generation has.
    """
    limit_seconds = settings.attempt_seconds
    left_seconds = max(attempt.taken.seconds_left, 0)
    try:
        async with asyncio.timeout_at(attempt.began + min(limit_seconds, left_seconds)) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        if left_seconds < limit_seconds:
            raise too_late(settings) from None
        raise DrawingError(
            ErrorCode.PROVIDER_TIMEOUT,
            f"The provider did not finish within {limit_seconds:g} seconds.",
        ) from None


def too_late(settings: Settings) -> DrawingError:
    """A generation that is not finished at its deadline."""
    return DrawingError(
        ErrorCode.DEADLINE_EXCEEDED,
        f"The image was not finished within {settings.deadline_seconds:g} seconds.",
    )
