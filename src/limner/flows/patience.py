"""Waiting for Postgres: a worker that has something to write goes on when it is back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from limner import log
from limner.domain.errors import DatabaseUnavailableError

SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 2.0

Answer = TypeVar("Answer")

_log = log.get()


async def until_answered(ask: Callable[[], Awaitable[Answer]], *, seconds: float) -> Answer:
    """Ask Postgres until it answers. What is asked must be safe to ask twice.

    Args:
        ask: the question, under the same name each time.
        seconds: how long to go on.

    Raises:
        DatabaseUnavailableError: it did not answer in this time.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    wait_seconds = SHORTEST_SECONDS
    while True:
        try:
            return await ask()
        except DatabaseUnavailableError as error:
            if loop.time() + wait_seconds > until:
                raise
            _log.warning("Waiting for the database", why=str(error))
            await asyncio.sleep(wait_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            wait_seconds = min(2 * wait_seconds, LONGEST_SECONDS)
