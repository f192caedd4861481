"""Fills a data folder's Postgres with a year of stories, as many times over as is asked.

Once over are 5,000 plots, 13,000 characters, 33,500 generations and 100,500 transitions. All that
the law of moves demands holds, and is looked at afterwards; to be quick, indexes are made at the
end, by `REINDEX`, which leaves the schema as the migrations made it, and foreign keys and triggers
are not asked for each row.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg

from bench.year import (
    FILL_CHARACTERS,
    FILL_PLOTS,
    FILL_ROUND,
    LONG_EVERY,
    LONG_SEQ,
    PLOTS,
    ROUNDS,
    Tell,
)
from limner.embedded import PostgresServer
from limner.store.migrate import migrate

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
PORTION = 100_000
"""Plots that one statement goes through."""
PATIENCE_SECONDS = 900.0
FILLING = {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "32GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_parallel_maintenance_workers": "2",
}
"""Settings of the server that is filled; whoever opens the folder afterwards has those of life."""
TABLES = ("plots", "characters", "images", "generations", "transitions", "orders")
SKIP_INDEXES = """
    UPDATE pg_index SET indisready = FALSE, indisvalid = FALSE
    WHERE indrelid = any(cast($1::text[] AS regclass[]))
"""
"""For connections made after it; `REINDEX` makes them whole again."""
BROKEN_LAWS = """
    SELECT
        (
            SELECT count(*) FROM generations AS g
            LEFT JOIN transitions AS t ON
                g.id = t.generation_id AND g.seq = t.seq AND g.status = t.status
                AND g.plot_id = t.plot_id AND g.character_id = t.character_id
            WHERE t.move IS NULL
        )
        + (
            SELECT count(*) FROM plots AS p
            LEFT JOIN (
                SELECT plot_id, count(*) AS many, max(seq) AS newest FROM transitions GROUP BY 1
            ) AS t ON p.id = t.plot_id
            WHERE (t.many, t.newest) IS DISTINCT FROM (p.seq, p.seq)
        )
        + (
            SELECT count(*) FROM generations AS g
            LEFT JOIN characters AS c ON g.character_id = c.id AND g.plot_id = c.plot_id
            LEFT JOIN images AS i ON g.image = i.sha256
            WHERE c.id IS NULL OR (g.image IS NOT NULL AND i.sha256 IS NULL)
        )
"""
UNREADY = """
    SELECT count(*) FROM pg_index
    WHERE NOT (indisready AND indisvalid) AND indrelid >= 16384
"""


async def fill(folder: Path, times: int, tell: Tell) -> dict[str, int]:
    """Fill a new data folder's Postgres `times` over; nobody else may have it meanwhile.

    Args:
        folder: the data folder; its Postgres is stopped, and all is on the disk, at the end.
        times: 1, 10 or 100.
        tell: is told of the progress.

    Returns:
        The rows of each table.

    Raises:
        StartError: Postgres can't start.
        ValueError: what was filled breaks the law of moves.
    """
    async with asyncio.timeout(PATIENCE_SECONDS), PostgresServer(folder, FILLING) as server:
        await migrate(server.url)
        async with connected(server.url) as connection:
            await connection.execute(SKIP_INDEXES, list(TABLES))
        async with connected(server.url) as connection:
            await write_year(connection, times * PLOTS, LONG_EVERY, tell)
            for table, step in itertools.product(TABLES, ("REINDEX TABLE", "VACUUM (ANALYZE)")):
                tell(f"{step} {table}")
                await connection.execute(f"{step} {table}")
        async with connected(server.url) as connection:
            tell("looking at what was written")
            counts = {
                table: int(await connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own tables
                for table in TABLES
            }
            broken = await connection.fetchval(BROKEN_LAWS) + await connection.fetchval(UNREADY)
    await asyncio.to_thread(os.sync)  # so that nothing is written while something is measured
    if broken or counts["transitions"] != 3 * counts["generations"]:
        raise ValueError(f"{broken} rows of {counts} are not as the law of moves wants them.")
    return counts


async def write_year(connection: Connection, plots: int, long_every: int, tell: Tell) -> None:
    """Write so many plots, with all that is in them, into a database that has none.

    Args:
        connection: of `connected`.
        plots: how many.
        long_every: of so many plots, one is long; with 1, all are.
        tell: is told of the progress.
    """
    portions = [(first, min(first + PORTION - 1, plots)) for first in range(1, plots + 1, PORTION)]
    for portion in portions:
        await connection.execute(FILL_PLOTS, *portion, long_every, LONG_SEQ)
        await connection.execute(FILL_CHARACTERS, *portion, long_every)
    for number in range(ROUNDS):
        tell(f"writing, {100 * number // ROUNDS} %")
        for portion in portions:
            await connection.execute(FILL_ROUND, *portion, long_every, plots, number, ROUNDS)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection that asks no trigger and no foreign key, closed at the end of the block."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield connection
    finally:
        await connection.close()
