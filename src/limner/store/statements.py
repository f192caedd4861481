"""The named statements of `sql/`, which Python calls by their names."""

from functools import cache
from pathlib import Path
from typing import TypeAlias

import aiosql
import asyncpg

_PACKAGE = Path(__file__).parents[1]

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class Statements:
    """Runs named statements; the values go by the names they have in the SQL.

    Args:
        folder: where the `.sql` files are.
    """

    def __init__(self, folder: Path) -> None:
        self._queries = aiosql.from_path(folder, "asyncpg", mandatory_parameters=False)

    async def row(
        self, name: str, connection: Connection, /, **values: object
    ) -> asyncpg.Record | None:
        """The one row, or none."""
        found: asyncpg.Record | None = await getattr(self._queries, name)(connection, **values)
        return found

    async def rows(
        self, name: str, connection: Connection, /, **values: object
    ) -> list[asyncpg.Record]:
        """All rows."""
        return [row async for row in getattr(self._queries, name)(connection, **values)]

    async def run(self, name: str, connection: Connection, /, **values: object) -> None:
        """Do what gives no rows."""
        await getattr(self._queries, name)(connection, **values)

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
