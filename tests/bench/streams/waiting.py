"""What it costs that somebody waits while nothing happens: streams, long polling, polling."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from bench import machine
from bench.audience import POLLERS, audience
from bench.figures import Figure
from bench.stage import Serving, Stage, serving
from bench.stories import Story, tell_stories
from bench.streams.contender import SNAPSHOT

MEASURE = "waiting"
STREAM, LONG_POLLING, POLLING = "Limner's stream", "long polling", "polling each second"
CONTENDERS = (STREAM, LONG_POLLING, POLLING)
USERS = 500
WINDOW_SECONDS = 20.0
SETTLE_SECONDS = 11.0
"""Within 10 s an idle backend of Postgres has told what it did."""
HELD_SECONDS = 30
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


async def measure(stage: Stage, contender: str) -> list[Figure]:
    """For a waiting user and a minute: CPU of the server and of Postgres, and its transactions.

    Raises:
        LostError: somebody was not served.
    """
    stories = await tell_stories(stage, USERS)
    await asyncio.gather(*(story.move(stage.hand) for story in stories))
    connection = await asyncpg.connect(stage.database_url)
    try:
        async with serving(stage) as api, _waiting(contender, api, stories):
            await asyncio.sleep(SETTLE_SECONDS)
            before = await _used(stage, api, connection)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(WINDOW_SECONDS)
            after = await _used(stage, api, connection)
            seconds = asyncio.get_running_loop().time() - began
    finally:
        await connection.close()
    minutes = USERS * seconds / 60
    units = (
        ("server CPU", "ms", 1000),
        ("Postgres CPU", "ms", 1000),
        ("Valkey CPU", "ms", 1000),
        ("queries", "", 1),
    )
    return [
        Figure(MEASURE, contender, f"{case}, a user-minute", unit, scale * (b - a) / minutes)
        for (case, unit, scale), a, b in zip(units, before, after, strict=True)
    ]


@asynccontextmanager
async def _waiting(contender: str, api: Serving, stories: list[Story]) -> AsyncIterator[None]:
    base = [f"/api/characters/{story.character_id}/image" for story in stories]
    async with audience("bench.readers" if contender == STREAM else POLLERS) as crowd:
        if contender == STREAM:
            await crowd.open(api.port, [f"{path}/events" for path in base], until=SNAPSHOT)
        else:
            held = HELD_SECONDS if contender == LONG_POLLING else 0
            await crowd.poll(api.port, [f"{path}/status" for path in base], wait_seconds=held)
        yield
        await crowd.collect()


async def _used(
    stage: Stage, api: Serving, connection: "asyncpg.Connection[asyncpg.Record]"
) -> tuple[float, ...]:
    pids = (api.pid, stage.postgres_pid, stage.valkey_pid)
    return *map(machine.cpu_seconds, pids), float(await connection.fetchval(COMMITS))
