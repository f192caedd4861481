"""Characters in Postgres."""

import asyncpg

from limner.domain.character import Character
from limner.domain.errors import NotFoundError
from limner.domain.idempotency import Once
from limner.domain.ids import new_id
from limner.store.database import Database
from limner.store.idempotency import transaction_once
from limner.store.records import image_of, transition_of
from limner.store.statements import Connection, statements


class Characters:
    """The people of each plot."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def add(
        self,
        plot_id: str,
        owner: str,
        *,
        name: str,
        description: str,
        once: Once[Character] | None = None,
    ) -> Character:
        """A new person in a plot.

        Raises:
            NotFoundError: this owner has no such plot.
            AnsweredBeforeError, KeyMismatchError, KeyInProgressError: see `transaction_once`.
        """
        async with transaction_once(self._database, once) as (connection, answered):
            row = await self._sql.row(
                "insert_character",
                connection,
                character_id=new_id(),
                plot_id=plot_id,
                owner=owner,
                name=name,
                description=description,
            )
            if row is None:
                raise NotFoundError("There is no such plot.")
            (character,) = await self._complete(connection, [row])
            await answered(character)
        return character

    async def get(self, character_id: str, owner: str) -> Character:
        """One person.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "get_character", connection, character_id=character_id, owner=owner
            )
            return (await self._complete(connection, [_found(row)]))[0]

    async def of_plot(self, plot_id: str, owner: str) -> list[Character]:
        """A plot's people in the order in which they were added."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("list_characters", connection, plot_id=plot_id, owner=owner)
            return await self._complete(connection, rows)

    async def change(
        self, character_id: str, owner: str, *, name: str | None, description: str | None
    ) -> Character:
        """Another name or description; None leaves it as it is.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "update_character",
                connection,
                character_id=character_id,
                owner=owner,
                name=name,
                description=description,
            )
            return (await self._complete(connection, [_found(row)]))[0]

    async def _complete(
        self, connection: Connection, rows: list[asyncpg.Record]
    ) -> list[Character]:
        """Characters with what is known of their images: two questions, however many they are."""
        ids = [row["id"] for row in rows]
        newest = {
            row["character_id"]: transition_of(row)
            for row in await self._sql.rows("newest_statuses", connection, character_ids=ids)
        }
        portraits = {
            row["character_id"]: image_of(row)
            for row in await self._sql.rows("newest_portraits", connection, character_ids=ids)
        }
        return [
            Character(
                id=row["id"],
                plot_id=row["plot_id"],
                owner=row["owner"],
                name=row["name"],
                description=row["description"],
                created_at=row["created_at"],
                updated_at=row["updated_at"],
                newest=newest.get(row["id"]),
                portrait=portraits.get(row["id"]),
            )
            for row in rows
        ]


def _found(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise NotFoundError("There is no such character.")
    return row
