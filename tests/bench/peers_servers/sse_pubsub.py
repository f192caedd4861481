"""sse-starlette with a `pubsub` of redis-py for each stream, the way its examples do it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import asyncpg
from redis.asyncio import Redis
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from bench.peers_servers.snapshot import CHANNEL, REDIS_URL, open_pool, run, snapshot


class State(TypedDict):
    """What requests share."""

    redis: Redis
    pool: "asyncpg.Pool[asyncpg.Record]"


async def _events(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_statuses(request, from_postgres=True))


async def _live(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_statuses(request, from_postgres=False))


async def _statuses(request: Request, *, from_postgres: bool) -> AsyncIterator[ServerSentEvent]:
    plot_id = request.path_params["plot_id"]
    async with request.state.redis.pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL + plot_id)
        if from_postgres:
            async for event in snapshot(request.state.pool, plot_id):
                yield event
        async for message in pubsub.listen():
            if message["type"] == "message":
                status = message["data"]
                yield ServerSentEvent(status, event="status", id=str(json.loads(status)["seq"]))


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[State]:
    async with Redis.from_url(os.environ[REDIS_URL], decode_responses=True) as redis:
        pool = await open_pool()
        yield {"redis": redis, "pool": pool}
        pool.terminate()


if __name__ == "__main__":
    routes = [Route("/plots/{plot_id}/events", _events), Route("/plots/{plot_id}/live", _live)]
    run(Starlette(routes=routes, lifespan=_lifespan))
