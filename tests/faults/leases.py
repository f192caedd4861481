"""Waiting for a lease to be renewed, which nothing but Postgres tells of."""

import asyncio

import asyncpg

from stage.process import BOUND_SECONDS


async def until_renewed(url: str, *, after_seconds: float) -> None:
    """Wait until a lease runs on that could not, had it not been renewed for so long."""
    connection = await asyncpg.connect(url)
    try:
        until = await connection.fetchval(
            "SELECT max(lease_until) + make_interval(secs => $1) FROM generations", after_seconds
        )
        renewed = "SELECT count(*) FROM generations WHERE lease_until > $1"
        async with asyncio.timeout(BOUND_SECONDS):
            while not await connection.fetchval(renewed, until):
                pass
    finally:
        await connection.close()
