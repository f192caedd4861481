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
SEEN = LONG_SEQ - 100
"""The number that each has when it comes back."""
WARM_UP = 50
PATIENCE_SECONDS = 60.0
LONG_PLOTS = """
    SELECT p.id::text
    FROM (SELECT count(*) / $2 AS number FROM plots) AS many
    CROSS JOIN generate_series(1, many.number) AS n
    INNER JOIN plots AS p ON md5('plot' || n * $2)::uuid = p.id AND p.seq = $3
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
    plots = await (_stored(stage) if stage.is_filled else _written(stage))
    one_plot = plots[:1] * len(plots)
    return [
        *await _coming_back(stage, "own plots", plots),
        *await _coming_back(stage, "one plot", one_plot),
    ]


async def _coming_back(stage: Stage, case: str, plots: Sequence[str]) -> list[Figure]:
    asked_before = await _transactions(stage)
    readers = [Reader(f"/api/plots/{plot_id}/events", ids=[SEEN]) for plot_id in plots]
    async with serving(stage) as api:
        async with crowd(api.address, [reader.path for reader in readers[:WARM_UP]]) as first:
            await _all_reach(first.readers)
        server_seconds = machine.cpu_seconds(api.pid)
        postgres_seconds = machine.cpu_seconds(stage.postgres_pid)
        own_seconds, began = time.process_time(), time.monotonic()
        async with _gathered(Crowd(api.address, readers)):
            waited_ms = await _all_reach(readers)
        own_share = (time.process_time() - own_seconds) / (time.monotonic() - began)
        server_seconds = machine.cpu_seconds(api.pid) - server_seconds
        postgres_seconds = machine.cpu_seconds(stage.postgres_pid) - postgres_seconds
    asked = await _transactions(stage) - asked_before
    if any(reader.ids != list(range(SEEN, LONG_SEQ + 1)) for reader in readers):
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


async def _all_reach(readers: Sequence[Reader]) -> list[float]:
    """Wait until all have the last number; the milliseconds that each took.

    Raises:
        TimeoutError: somebody does not get it; it says how many, and what became of one.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            times = await asyncio.gather(*(reader.reaches(LONG_SEQ) for reader in readers))
    except TimeoutError:
        behind = [reader for reader in readers if reader.last_id != LONG_SEQ]
        raise TimeoutError(
            f"after {PATIENCE_SECONDS:g} s, {len(behind)} of {len(readers)} streams have not come"
            f" to {LONG_SEQ}; one of them: {behind[:1]}"
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


async def _written(stage: Stage) -> list[str]:
    """New long plots, and no others."""
    async with connected(stage.database_url) as connection:
        await connection.execute("TRUNCATE plots, images CASCADE")
        await write_year(connection, STREAMS, 1, lambda _: None)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        rows = await connection.fetch("SELECT id::text FROM plots")
    return [row["id"] for row in rows]


async def _stored(stage: Stage) -> list[str]:
    """Long plots, chosen at random among all that are stored."""
    async with connected(stage.database_url) as connection:
        rows = await connection.fetch(LONG_PLOTS, STREAMS_OF_STORED, LONG_EVERY, LONG_SEQ)
    plots = [row["id"] for row in rows]
    await look_at(stage, plots)
    return plots


async def _transactions(stage: Stage) -> int:
    """How many there were, those of sessions that have ended: others tell of theirs late."""
    async with connected(stage.database_url) as connection:
        return int(await connection.fetchval(TRANSACTIONS))
