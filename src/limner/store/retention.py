"""Removing what nobody shows any more, a portion at a time: each is a transaction of its own.

A process that dies in one has removed some files whose rows still say that they are to be looked
at: the next sweep finds them, and deleting what is not there is no error.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner.domain.errors import DatabaseUnavailableError, StorageUnavailableError
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

Removing = Callable[[str], AbstractAsyncContextManager[Callable[[], Awaitable[None]]]]
"""Holds what is stored under a name, and gives what deletes it: see `ImageStore.removing`."""


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
        self._not_now: set[str] = set()

    async def purge(self) -> Portion:
        """Rows of a deleted plot: its generations, then its characters, then itself.

        A plot of which a portion could not be removed comes again when all others have had their
        turn: it must not keep them for ever.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        plot_id: str | None = None
        try:
            async with self._turn() as connection:
                if connection is None:
                    return Portion()
                plot = await self._sql.row(
                    "deleted_plot", connection, not_now=sorted(self._not_now)
                )
                if plot is None:
                    self._not_now.clear()
                    return Portion()
                plot_id = str(plot["id"])
                purged = await self._purge(connection, plot_id)
        except DatabaseUnavailableError:
            if plot_id is not None:
                self._not_now.add(plot_id)
            raise
        return Portion(purged, has_more=True)

    async def images(self, removing: Removing) -> Portion:
        """Images whose time to be looked at has come, and that nobody shows.

        Whoever stores an image claims it first, and no claim is made while this transaction lives;
        but the transaction may end while a file is being deleted: the store did not answer in time,
        the process was frozen or stopped, Postgres has restarted. So each file is held before it is
        asked for once more whether it may go. An answer shows that the transaction lived when the
        file was held already, and whoever claims it after that stores it after the deletion.

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
                    removed += await self._look_at(connection, row["sha256"], removing)
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

    async def _purge(self, connection: Connection, plot_id: str) -> int:
        """How many rows were removed."""
        row = await self._sql.the("purge_generations", connection, plot_id=plot_id, count=ROWS)
        if not row["purged"]:
            row = await self._sql.the("purge_characters", connection, plot_id=plot_id, count=ROWS)
        if row["purged"]:
            return int(row["purged"])
        await self._sql.run("purge_plot", connection, plot_id=plot_id)
        return 1

    async def _look_at(self, connection: Connection, sha256: str, removing: Removing) -> bool:
        """Whether an image was removed."""
        if await self._sql.row("keep_if_shown", connection, sha256=sha256) is not None:
            return False
        for name in await self._names_set_free(connection, sha256):
            async with removing(name) as remove:
                if name in await self._names_set_free(connection, sha256):
                    await remove()
        await self._look_again(connection, sha256, None)
        await self._sql.run("forget_image", connection, sha256=sha256)
        return True

    async def _names_set_free(self, connection: Connection, sha256: str) -> list[str]:
        rows = await self._sql.rows("names_set_free", connection, sha256=sha256)
        return [row["name"] for row in rows]

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
