"""What both servers on sse-starlette share: where they are, and a plot's statuses from Postgres."""

import os
from collections.abc import AsyncIterator

import asyncpg
import uvicorn
from sse_starlette import ServerSentEvent
from starlette.applications import Starlette

DATABASE_URL = "BENCH_DATABASE_URL"
REDIS_URL = "BENCH_REDIS_URL"
PORT = "BENCH_PORT"
CONNECTIONS = 10
CHANNEL = "limner:plot:"
"""Followed by the plot's id."""
STATUSES = "SELECT seq, status FROM snapshots WHERE plot_id = $1 ORDER BY seq"


async def open_pool() -> "asyncpg.Pool[asyncpg.Record]":
    """A pool of ten connections."""
    return await asyncpg.create_pool(
        os.environ[DATABASE_URL], min_size=CONNECTIONS, max_size=CONNECTIONS
    )


async def snapshot(
    pool: "asyncpg.Pool[asyncpg.Record]", plot_id: str
) -> AsyncIterator[ServerSentEvent]:
    """The newest status of each character."""
    for row in await pool.fetch(STATUSES, plot_id):
        yield ServerSentEvent(row["status"], event="status", id=str(row["seq"]))


def run(app: Starlette) -> None:
    """Serve until told to stop: with uvloop and httptools, which uvicorn takes if it can."""
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ[PORT]), access_log=False, log_level="warning"
    )
