"""A thousand streams come back at once, each with a `Last-Event-ID` that is 100 behind.

Once each has a plot of its own, of 120 transitions, and once all have the same. The time is that
until a reader has the last of its 100; who is sent away meanwhile comes back when it was told to.
The readers are of the tests' own crowd, which looks into each event: that all is there and in order
is part of the measure, and costs time that is not the server's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench import machine
from bench.audience import LostError
from bench.figures import Figure, quantile
from bench.filling import connected, write_year
from bench.stage import Stage, serving
from bench.stories import look_at
from bench.year import LONG_EVERY, LONG_SEQ, PLOTS
from stage.crowd import Crowd, Reader, crowd

MEASURE = "resume"
LIMNER = "Limner"
STREAMS = 1000
STREAMS_OF_STORED = PLOTS // LONG_EVERY
"""Of a stage that is filled: as many as there are long plots in a filling once over."""
BEHIND = 100
"""So many transitions each has missed when it comes back."""
WARM_UP = 50
_End = tuple[str, int]
"""A plot, and the number of its newest transition."""
PATIENCE_SECONDS = 60.0
LONG_PLOTS = """
    SELECT p.id::text, p.seq
    FROM (SELECT count(*) / $2 AS number FROM plots) AS many
    CROSS JOIN generate_series(1, many.number) AS n
    INNER JOIN plots AS p ON md5('plot' || n * $2)::uuid = p.id AND p.seq >= $3
    ORDER BY random()
    LIMIT $1
"""
TRANSACTIONS = """
    SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()
"""


async def measure(stage: Stage) -> list[Figure]:
    """One round, both cases.

    Raises:
        LostError: a stream did not get what it had missed.
    """
    ends = await (_stored(stage) if stage.is_filled else _written(stage))
    return [
        *await _coming_back(stage, "own plots", ends),
        *await _coming_back(stage, "one plot", ends[:1] * len(ends)),
    ]


async def _coming_back(stage: Stage, case: str, ends: Sequence[_End]) -> list[Figure]:
    asked_before = await _transactions(stage)
    returning = [
        (Reader(f"/api/plots/{plot_id}/events", ids=[seq - BEHIND]), seq) for plot_id, seq in ends
    ]
    readers = [reader for reader, _ in returning]
    async with serving(stage) as api:
        async with crowd(api.address, [reader.path for reader in readers[:WARM_UP]]) as first:
            goals = [seq for _, seq in ends[:WARM_UP]]
            await _all_reach(list(zip(first.readers, goals, strict=True)))
        server_seconds = machine.cpu_seconds(api.pid)
        postgres_seconds = machine.cpu_seconds(stage.postgres_pid)
        own_seconds, began = time.process_time(), time.monotonic()
        async with _gathered(Crowd(api.address, readers)):
            waited_ms = await _all_reach(returning)
        own_share = (time.process_time() - own_seconds) / (time.monotonic() - began)
        server_seconds = machine.cpu_seconds(api.pid) - server_seconds
        postgres_seconds = machine.cpu_seconds(stage.postgres_pid) - postgres_seconds
    asked = await _transactions(stage) - asked_before
    if any(reader.ids != list(range(seq - BEHIND, seq + 1)) for reader, seq in returning):
        raise LostError("a reader has other numbers than those that it had missed, in their order")
    streams = len(readers)

    def figure(name: str, unit: str, value: float) -> Figure:
        return Figure(MEASURE, LIMNER, f"{case}, {name}", unit, value)

    return [
        figure("p50", "ms", quantile(waited_ms, 0.5)),
        figure("p99", "ms", quantile(waited_ms, 0.99)),
        figure("last", "ms", max(waited_ms)),
        figure("sent away until later", "times", sum(reader.sent_away for reader in readers)),
        figure("server CPU a stream", "ms", 1000 * server_seconds / streams),
        figure("Postgres CPU a stream", "ms", 1000 * postgres_seconds / streams),
        figure("transactions a stream", "", asked / (streams + WARM_UP)),
        figure("load client's CPU", "share", own_share),
    ]


async def _all_reach(returning: Sequence[tuple[Reader, int]]) -> list[float]:
    """Wait until each has its last number; the milliseconds that each took.

    Raises:
        TimeoutError: somebody does not get it; it says how many, and what became of one.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            times = await asyncio.gather(*(reader.reaches(seq) for reader, seq in returning))
    except TimeoutError:
        behind = [reader for reader, seq in returning if reader.last_id != seq]
        raise TimeoutError(
            f"after {PATIENCE_SECONDS:g} s, {len(behind)} of {len(returning)} streams are behind"
            f" their plots; one of them: {behind[:1]}"
        ) from None
    return [1000 * (at - began) for at in times]


@asynccontextmanager
async def _gathered(people: Crowd) -> AsyncIterator[None]:
    """All of them there for as long as the block runs."""
    tasks = [
        asyncio.create_task(people.stay(reader), name=f"reader of {reader.path}")
        for reader in people.readers
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _written(stage: Stage) -> list[_End]:
    """New long plots, and no others."""
    async with connected(stage.database_url) as connection:
        await connection.execute("TRUNCATE plots, images CASCADE")
        await write_year(connection, STREAMS, 1, lambda _: None)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        rows = await connection.fetch("SELECT id::text, seq FROM plots")
    return [(row["id"], row["seq"]) for row in rows]


async def _stored(stage: Stage) -> list[_End]:
    """Long plots, chosen at random among all that are stored; always the same number of them."""
    async with connected(stage.database_url) as connection:
        rows = await connection.fetch(LONG_PLOTS, STREAMS_OF_STORED, LONG_EVERY, LONG_SEQ)
    if len(rows) != STREAMS_OF_STORED:
        raise LostError(f"{len(rows)} of {STREAMS_OF_STORED} long plots are there")
    ends = [(row["id"], row["seq"]) for row in rows]
    await look_at(stage, [plot_id for plot_id, _ in ends])
    return ends


async def _transactions(stage: Stage) -> int:
    """How many there were, those of sessions that have ended: others tell of theirs late."""
    async with connected(stage.database_url) as connection:
        return int(await connection.fetchval(TRANSACTIONS))
