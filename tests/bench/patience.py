"""A wait that is bounded, and says what it was for when its time is up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """Give the block so much time.

    Args:
        seconds: how much.
        what: what is to happen in it, as a clause.

    Raises:
        TimeoutError: it took longer; with these words.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise TimeoutError(f"waited {seconds:g} s in vain: {what}") from error
