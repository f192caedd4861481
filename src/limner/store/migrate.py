"""Migrations: append-only files, each applied once, by one program at a time."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from limner.domain.errors import SchemaError, StartError
from limner.store.database import AWAY, CONNECT_SECONDS
from limner.store.statements import sql_folder

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
        StartError: Postgres can't be reached.
        SchemaError: a file that was applied has changed since, or the database is newer.
    """
    connection = await _connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_JOURNAL)
        applied = {
            row["number"]: row["checksum"]
            for row in await connection.fetch("SELECT number, checksum FROM limner_migrations")
        }
        wanted = migrations(folder)
        _compare(wanted, applied)
        new = [migration for migration in wanted if migration.number not in applied]
        for migration in new:
            async with connection.transaction():
                await connection.execute(migration.text)
                await connection.execute(
                    "INSERT INTO limner_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    migration.number,
                    migration.name,
                    migration.checksum,
                )
        return [migration.name for migration in new]
    finally:
        await connection.close()


async def check_schema(url: str) -> None:
    """See that a database has exactly the migrations of this program.

    Raises:
        StartError: Postgres can't be reached.
        SchemaError: the database is older, newer or other than the program.
    """
    connection = await _connect(url)
    try:
        rows = await connection.fetch("SELECT number, checksum FROM limner_migrations")
    except asyncpg.UndefinedTableError:
        rows = []
    finally:
        await connection.close()
    applied = {row["number"]: row["checksum"] for row in rows}
    wanted = migrations()
    _compare(wanted, applied)
    missing = [migration.name for migration in wanted if migration.number not in applied]
    if missing:
        raise SchemaError(f"The database lacks {', '.join(missing)}: run `limner migrate` first.")


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


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (ValueError, *AWAY, asyncpg.PostgresError) as error:
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise StartError(f"Postgres can't be reached: {reason}") from error
