"""Plots in Postgres."""

from datetime import datetime
from typing import Final

import asyncpg

from limner.domain.errors import NotFoundError
from limner.domain.idempotency import Once
from limner.domain.ids import new_id
from limner.domain.plot import Plot
from limner.domain.transition import Transition
from limner.store.database import Database
from limner.store.idempotency import transaction_once
from limner.store.records import transition_of
from limner.store.statements import statements

CANCELED_AT_ONCE: Final = 200
"""Generations that a transaction cancels, so that it ends in time: each is a move of its own."""


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
                plot_id=new_id(),
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

    async def remove(self, plot_id: str, owner: str) -> list[Transition]:
        """The end of a story and of all that is in it; `Retention` removes the rows.

        What is in flight is canceled before, in the same transaction. If it is very much, some of
        it is canceled in transactions of their own, while the story is still there.

        Returns:
            The moves to `canceled`, in order.

        Raises:
            NotFoundError: this owner has no such story.
        """
        canceled: list[Transition] = []
        while not await self._removed(plot_id, owner, canceled):
            pass
        return canceled

    async def _removed(self, plot_id: str, owner: str, canceled: list[Transition]) -> bool:
        """Whether it is done; else it was too much, and there is more to cancel."""
        async with self._database.transaction() as connection:
            row = await self._sql.row("lock_plot", connection, plot_id=plot_id, owner=owner)
            if row is None:
                raise NotFoundError("There is no such plot.")
            flying = await self._sql.rows(
                "in_flight_in", connection, plot_id=plot_id, count=CANCELED_AT_ONCE
            )
            for generation in flying:  # under the plot's lock, so each is in flight still
                row = await self._sql.the(
                    "cancel", connection, generation_id=generation["id"], move=new_id()
                )
                canceled.append(transition_of(row))
            is_last = len(flying) < CANCELED_AT_ONCE
            if is_last:
                await self._sql.run("delete_plot", connection, plot_id=plot_id)
                await self._sql.run("delete_characters", connection, plot_id=plot_id)
        return is_last


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
