"""Migrations: append-only files, each applied once, by one program at a time."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg

from limner.domain.errors import SchemaError, StartError
from limner.store.database import AWAY, CONNECT_SECONDS, first_line
from limner.store.statements import sql_folder

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOCK = 0x6C696D6E6572  # "limner": the advisory lock under which migrations run
_JOURNAL = """
    CREATE TABLE IF NOT EXISTS limner_migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `sql/migrations`."""

    number: int
    name: str
    checksum: str
    """SHA-256 of the file: a file that was applied must never change again."""
    text: str


def migrations(folder: Path | None = None) -> list[Migration]:
    """The migrations of this program, in order."""
    found = []
    for path in sorted((folder or sql_folder() / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        found.append(Migration(int(path.stem.split("_", 1)[0]), path.stem, checksum, text))
    return found


async def migrate(url: str, folder: Path | None = None) -> list[str]:
    """Bring a database up to this program.

    Args:
        url: where Postgres is; a direct connection, since the lock belongs to the session.
        folder: where the files are, if not in the place they ship in.

    Returns:
        The names of the migrations applied now.

    Raises:
        StartError: Postgres can't be reached, or does not let us.
        SchemaError: a file that was applied has changed since, the database is newer, or a
            migration could not be applied, in which case nothing of it was.
    """
    async with _connected(url) as connection:
        # as long as it takes, and so does each migration: who stops either leaves nothing half done
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_JOURNAL)
        applied = await _applied(connection)
        wanted = migrations(folder)
        _compare(wanted, applied)
        new = [migration for migration in wanted if migration.number not in applied]
        for migration in new:
            await _apply(connection, migration)
        return [migration.name for migration in new]


async def check_schema(url: str) -> None:
    """See that a database has exactly the migrations of this program.

    Raises:
        StartError: Postgres can't be reached, or does not let us.
        SchemaError: the database is older, newer or other than the program.
    """
    async with _connected(url, answer_seconds=CONNECT_SECONDS) as connection:
        try:
            applied = await _applied(connection)
        except asyncpg.UndefinedTableError:
            applied = {}
    wanted = migrations()
    _compare(wanted, applied)
    missing = [migration.name for migration in wanted if migration.number not in applied]
    if missing:
        raise SchemaError(f"The database lacks {', '.join(missing)}: run `limner migrate` first.")


async def _apply(connection: Connection, migration: Migration) -> None:
    """Apply it in one transaction, which ends with the connection when anything goes wrong."""
    try:
        await connection.execute("BEGIN")
        await connection.execute(migration.text)
        await connection.execute(
            "INSERT INTO limner_migrations (number, name, checksum) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )
        await connection.execute("COMMIT")
    except asyncpg.PostgresError as error:
        if isinstance(error, AWAY):
            raise
        raise SchemaError(
            f"Migration {migration.name} could not be applied, and nothing of it was:"
            f" {first_line(error)}"
        ) from error


async def _applied(connection: Connection) -> dict[int, str]:
    rows = await connection.fetch("SELECT number, checksum FROM limner_migrations")
    return {row["number"]: row["checksum"] for row in rows}


def _compare(wanted: list[Migration], applied: dict[int, str]) -> None:
    known = {migration.number for migration in wanted}
    newer = sorted(set(applied) - known)
    if newer:
        raise SchemaError(
            f"The database is newer than this program (it has migration {newer[-1]:04}):"
            " install the newer Limner."
        )
    for migration in wanted:
        if applied.get(migration.number, migration.checksum) != migration.checksum:
            raise SchemaError(
                f"Migration {migration.name} was changed after it had been applied:"
                " restore the file, and put the change into a new one."
            )


@asynccontextmanager
async def _connected(url: str, *, answer_seconds: float | None = None) -> AsyncIterator[Connection]:
    try:
        connection = await asyncpg.connect(
            url, timeout=CONNECT_SECONDS, command_timeout=answer_seconds
        )
        try:
            yield connection
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    except (ValueError, *AWAY, asyncpg.PostgresError) as error:
        raise StartError(f"Postgres can't be used: {first_line(error)}") from error
