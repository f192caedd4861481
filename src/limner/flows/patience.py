"""Waiting for Postgres: a worker that has something to write goes on when it is back.

And not being interrupted: a worker that is told to stop while it writes down how a drawing ended
would leave the drawing to be done, and perhaps paid, again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

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


async def see_through(work: Coroutine[Any, Any, object], *, seconds: float) -> None:
    """Do something to its end, also when cancelled meanwhile: then for `seconds` at most."""
    task = asyncio.create_task(work, name="see through")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _end(task, seconds)
        raise


async def at_last(work: Coroutine[Any, Any, object], *, seconds: float) -> None:
    """Do one thing more before giving in to a cancellation, for `seconds` at most."""
    await _end(asyncio.create_task(work, name="at last"), seconds)


def is_cancelled() -> bool:
    """Whether somebody has asked this task to end: a CancelledError alone does not say so."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _end(task: asyncio.Task[object], seconds: float) -> None:
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended, BaseException):
        _log.warning("Could not write down where it had come to", why=repr(ended))
