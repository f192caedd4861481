"""The books of what was ordered from providers that charge.

An order is written down before it is sent, and while it is perhaps taken there is no other: the
database sees to that.
"""

from limner.domain.errors import OrderedAlreadyError
from limner.domain.order import OpenOrder, Route
from limner.store.database import Database
from limner.store.statements import statements


class Orders:
    """Writes down what was ordered, and what became of it. All of it is safe to write twice."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def route(self, task_id: str) -> Route | None:
        """Who will draw a generation; None when there is no such generation."""
        async with self._database.connection() as connection:
            row = await self._sql.row("provider_of", connection, generation_id=task_id)
        if row is None:
            return None
        return Route(row["provider"], row["fails_over"], row["is_ordered"])

    async def place(
        self, task_id: str, order: OpenOrder, *, token: str, repeats: bool = False
    ) -> bool:
        """An order is about to be sent.

        Args:
            task_id: the generation.
            order: of which nothing is known yet.
            token: the lease of whoever sends it.
            repeats: whether one that was perhaps taken, and can't be asked for, is given up for it.

        Returns:
            False when the lease with this token is lost: then nothing may be sent.

        Raises:
            OrderedAlreadyError: another is perhaps taken: nothing may be sent.
            DatabaseUnavailableError: it is not known whether it was written down.
        """
        async with self._database.connection() as connection:
            row = await self._sql.the(
                "place_order",
                connection,
                order_id=order.id,
                generation_id=task_id,
                token=token,
                provider=order.provider,
                model=order.model,
                repeats=repeats,
            )
        if row["is_placed"] is None:
            return False
        if not row["is_placed"]:
            raise OrderedAlreadyError("An order for this was sent before, and is perhaps taken.")
        return True

    async def keep(self, order_id: str, handle: str) -> bool:
        """The provider has taken it, and it can be asked for by this handle.

        Returns:
            False when it was given up meanwhile, or is gone with its plot.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row("keep_handle", connection, order_id=order_id, handle=handle)
        return row is not None

    async def refuse(self, order_id: str) -> None:
        """The provider will not fill it."""
        async with self._database.connection() as connection:
            await self._sql.row("refuse_order", connection, order_id=order_id)
