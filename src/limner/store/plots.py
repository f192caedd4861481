"""Plots in Postgres."""

from datetime import datetime
from uuid import uuid4

import asyncpg

from limner.domain.errors import NotFoundError
from limner.domain.idempotency import Once
from limner.domain.plot import Plot
from limner.store.database import Database
from limner.store.idempotency import transaction_once
from limner.store.statements import statements


class Plots:
    """The stories of each owner."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def add(
        self, owner: str, *, title: str, style: str, once: Once[Plot] | None = None
    ) -> Plot:
        """A new story.

        Raises:
            AnsweredBeforeError, KeyMismatchError, KeyInProgressError: see `transaction_once`.
        """
        async with transaction_once(self._database, once) as (connection, answered):
            row = await self._sql.the(
                "insert_plot",
                connection,
                plot_id=str(uuid4()),
                owner=owner,
                title=title,
                style=style,
            )
            plot = _plot_of(row)
            await answered(plot)
        return plot

    async def get(self, plot_id: str, owner: str) -> Plot:
        """One story.

        Raises:
            NotFoundError: this owner has no such story.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row("get_plot", connection, plot_id=plot_id, owner=owner)
        return _found(row)

    async def page(
        self, owner: str, *, before: tuple[datetime, str] | None, count: int
    ) -> list[Plot]:
        """Up to `count` stories, newest first, older than the one made at `before`."""
        before_at, before_id = before or (None, None)
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "list_plots",
                connection,
                owner=owner,
                before_at=before_at,
                before_id=before_id,
                count=count,
            )
        return [_plot_of(row) for row in rows]

    async def change(
        self, plot_id: str, owner: str, *, title: str | None, style: str | None
    ) -> Plot:
        """Another title or style; None leaves it as it is.

        Raises:
            NotFoundError: this owner has no such story.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "update_plot", connection, plot_id=plot_id, owner=owner, title=title, style=style
            )
        return _found(row)

    async def remove(self, plot_id: str, owner: str) -> None:
        """The end of a story and of all that is in it; `Retention` removes the rows.

        Raises:
            NotFoundError: this owner has no such story.
        """
        async with self._database.transaction() as connection:
            row = await self._sql.row("lock_plot", connection, plot_id=plot_id, owner=owner)
            if row is None:
                raise NotFoundError("There is no such plot.")
            await self._sql.run("delete_plot", connection, plot_id=plot_id)
            await self._sql.run("delete_characters", connection, plot_id=plot_id)
            await self._sql.run("delete_in_flight", connection, plot_id=plot_id)


def _found(row: asyncpg.Record | None) -> Plot:
    if row is None:
        raise NotFoundError("There is no such plot.")
    return _plot_of(row)


def _plot_of(row: asyncpg.Record) -> Plot:
    return Plot(
        id=row["id"],
        owner=row["owner"],
        title=row["title"],
        style=row["style"],
        seq=row["seq"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        character_count=row["character_count"],
    )
