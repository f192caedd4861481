"""The named statements of `sql/`, which Python calls by their names."""

from functools import cache
from pathlib import Path
from typing import TypeAlias

import aiosql
import asyncpg
from aiosql.adapters.asyncpg import AsyncPGAdapter

_PACKAGE = Path(__file__).parents[1]

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class Statements:
    """Runs named statements; the values go by the names they have in the SQL.

    Args:
        folder: where the `.sql` files are.
    """

    def __init__(self, folder: Path) -> None:
        adapter = AsyncPGAdapter()  # type: ignore[no-untyped-call] # aiosql leaves it untyped
        queries = aiosql.from_path(folder, lambda: adapter, mandatory_parameters=False)
        # aiosql reads them, and does not run them: before each it would look for a pool to acquire
        # from by listing all that a connection has, which takes longer than to send it
        self._texts = {
            name: (getattr(queries, name).sql, tuple(adapter.var_sorted[name]))
            for name in queries.available_queries
        }

    async def row(
        self, name: str, connection: Connection, /, **values: object
    ) -> asyncpg.Record | None:
        """The one row, or none."""
        text, names = self._texts[name]
        return await connection.fetchrow(text, *[values[each] for each in names])

    async def rows(
        self, name: str, connection: Connection, /, **values: object
    ) -> list[asyncpg.Record]:
        """All rows."""
        text, names = self._texts[name]
        return await connection.fetch(text, *[values[each] for each in names])

    async def run(self, name: str, connection: Connection, /, **values: object) -> None:
        """Do what gives no rows."""
        text, names = self._texts[name]
        await connection.execute(text, *[values[each] for each in names])

    async def the(self, name: str, connection: Connection, /, **values: object) -> asyncpg.Record:
        """The one row of a statement that can't be without one."""
        found = await self.row(name, connection, **values)
        if found is None:
            raise LookupError(f"The statement {name} gave no row.")
        return found


def sql_folder() -> Path:
    """Where the SQL is: inside the package when installed, beside `src` in a checkout."""
    installed = _PACKAGE / "sql"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "sql"


@cache
def statements() -> Statements:
    """Every named statement; read once in a process."""
    return Statements(sql_folder() / "queries")
