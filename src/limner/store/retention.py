"""Removing what nobody shows any more, a portion at a time: each is a transaction of its own.

A process that dies in one has removed some files whose rows still say that they are to be looked
at: the next sweep finds them, and deleting what is not there is no error.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner.domain.errors import StorageUnavailableError
from limner.store.claims import CLAIMS_LOCK
from limner.store.database import Database
from limner.store.statements import Connection, statements

IMAGES: Final = 20
"""Images in a portion: so long do claims wait."""
IMAGES_SECONDS: Final = 2.0
"""A portion of images ends after this time, so that it is committed before it takes too long."""
ROWS: Final = 500
"""Rows in any other portion."""
REFUSED_SECONDS: Final = 600.0
"""An image that the store did not delete is looked at again after this time."""
_LOCK: Final = 0x7274656E  # "rten"

Delete = Callable[[str], Awaitable[None]]
"""Deletes what is stored under a name; raises `StorageUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one transaction did."""

    removed: int = 0
    has_more: bool = False
    """Whether another portion may find something; not when somebody else is at it."""
    refusal: str | None = None
    """Why the store did not delete something, if it was so."""


class Retention:
    """Finds and removes what may go. What is still shown never does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def purge(self) -> Portion:
        """Rows of a deleted plot: its generations, then its characters, then itself.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        async with self._turn() as connection:
            if connection is None:
                return Portion()
            plot = await self._sql.row("deleted_plot", connection)
            if plot is None:
                return Portion()
            plot_id = plot["id"]
            row = await self._sql.the("purge_generations", connection, plot_id=plot_id, count=ROWS)
            if not row["purged"]:
                row = await self._sql.the(
                    "purge_characters", connection, plot_id=plot_id, count=ROWS
                )
            if not row["purged"]:
                await self._sql.run("purge_plot", connection, plot_id=plot_id)
            return Portion(row["purged"] or 1, has_more=True)

    async def images(self, delete: Delete) -> Portion:
        """Images whose time to be looked at has come, and that nobody shows.

        Each is asked for again right before its files are deleted: a process that was frozen in
        here, and whose transaction Postgres has ended meanwhile, deletes nothing that somebody else
        has claimed since. Frozen for ten seconds or more in the very instant between that question
        and the deletion, it would: a folder knows of no fence.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        loop = asyncio.get_running_loop()
        removed, left, refusal = 0, False, None
        async with self._turn() as connection:
            if connection is None:
                return Portion()
            await self._sql.run("lock_claims", connection, lock_id=CLAIMS_LOCK)
            due = await self._sql.rows("due_images", connection, count=IMAGES)
            until = loop.time() + IMAGES_SECONDS
            for row in due:
                if loop.time() > until:
                    left = True
                    break
                try:
                    removed += await self._look_at(connection, row["sha256"], delete)
                except StorageUnavailableError as error:
                    refusal = str(error)
                    await self._look_again(connection, row["sha256"], REFUSED_SECONDS)
        is_away = refusal is not None and not removed
        return Portion(removed, (left or len(due) == IMAGES) and not is_away, refusal)

    async def keys(self) -> Portion:
        """Answers to requests with an Idempotency-Key that are not given again any more.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        async with self._turn() as connection:
            if connection is None:
                return Portion()
            row = await self._sql.the("purge_keys", connection, count=ROWS)
            return Portion(row["purged"], has_more=row["purged"] == ROWS)

    async def _look_at(self, connection: Connection, sha256: str, delete: Delete) -> bool:
        """Whether an image was removed."""
        if await self._sql.row("keep_if_shown", connection, sha256=sha256) is not None:
            return False
        for row in await self._sql.rows("names_set_free", connection, sha256=sha256):
            await delete(row["name"])
        await self._look_again(connection, sha256, None)
        await self._sql.run("forget_image", connection, sha256=sha256)
        return True

    async def _look_again(
        self, connection: Connection, sha256: str, after_seconds: float | None
    ) -> None:
        await self._sql.run("look_again", connection, sha256=sha256, after_seconds=after_seconds)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator["Connection | None"]:
        """A transaction, if no other process is in one of these."""
        async with self._database.transaction() as connection:
            row = await self._sql.the("try_retention_lock", connection, lock_id=_LOCK)
            yield connection if row["is_ours"] else None
