"""Removing what nobody shows any more: every worker does, one at a time.

Images of deleted characters and of attempts that were never completed, the rows of deleted plots,
answers that are not given again, files that somebody who was killed left behind.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from limner import log
from limner.domain.errors import DatabaseUnavailableError, StorageUnavailableError
from limner.images.base import ImageStore
from limner.store.retention import Portion, Retention

SWEEP_SECONDS = 60.0
AGAIN_SECONDS = 1.0
"""The pause after a sweep that left something to do."""
TURN_SECONDS = 10.0
"""How long one sweep goes on with one kind of things."""
DELETE_SECONDS = 1.0
"""How long the deletion of one file is waited for: others wait for that, to store theirs."""

_log = log.get()


class Retain:
    """Removes what may go, in portions."""

    def __init__(self, retention: Retention, images: ImageStore) -> None:
        self._retention = retention
        self._images = images

    async def run(self) -> None:
        """Sweep every minute for as long as the process lives."""
        pause_seconds = SWEEP_SECONDS
        while True:
            await asyncio.sleep(pause_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            pause_seconds = SWEEP_SECONDS
            try:
                if await self():
                    pause_seconds = AGAIN_SECONDS
            except DatabaseUnavailableError as error:
                _log.warning("Could not look for what may go", why=str(error))
            except Exception:  # noqa: BLE001 - whatever it was, this sweep must not be the last
                _log.exception("Looking for what may go broke")

    async def __call__(self) -> bool:
        """Sweep once; whether something is left to do.

        Raises:
            DatabaseUnavailableError: Postgres did not answer; the next sweep will find the rest.
        """
        removed: Counter[str] = Counter()
        try:
            left = [
                await self._all(removed, "rows_of_deleted_plots", self._retention.purge),
                await self._all(removed, "images", lambda: self._retention.images(self._removing)),
                await self._all(removed, "idempotency_keys", self._retention.keys),
            ]
            await self._tidy(removed)
        finally:
            if removed.total():
                _log.info("Removed what nobody needs any more", **removed)
        return any(left)

    async def _all(
        self, removed: Counter[str], kind: str, next_portion: Callable[[], Awaitable[Portion]]
    ) -> bool:
        """Portion after portion until nothing is left, or its time is up; whether something is."""
        loop = asyncio.get_running_loop()
        until = loop.time() + TURN_SECONDS
        while True:
            portion = await next_portion()
            removed[kind] += portion.removed
            if portion.refusal is not None:
                _log.warning("Could not delete an image, will try again", why=portion.refusal)
            if not portion.has_more or loop.time() > until:
                return portion.has_more

    @asynccontextmanager
    async def _removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """As `ImageStore.removing`, but nobody waits for the store for more than its time."""
        until = asyncio.get_running_loop().time() + DELETE_SECONDS
        async with AsyncExitStack() as stack:
            async with _in_time(until):
                remove = await stack.enter_async_context(self._images.removing(name))

            async def remove_in_time() -> None:
                async with _in_time(until):
                    await remove()

            yield remove_in_time

    async def _tidy(self, removed: Counter[str]) -> None:
        try:
            removed["unfinished_files"] += await self._images.tidy()
        except StorageUnavailableError as error:
            _log.warning("Could not look for files left behind", why=str(error))


@asynccontextmanager
async def _in_time(until: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(until):
            yield
    except TimeoutError:
        raise StorageUnavailableError(
            f"The image store did not delete an image within {DELETE_SECONDS:g} s."
        ) from None
