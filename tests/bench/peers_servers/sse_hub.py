"""sse-starlette with one hub: one subscriber for the process, and a queue for each stream.

Each event is encoded once, however many streams it goes to: sse-starlette passes bytes on as they
are.
"""

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypedDict

import asyncpg
from redis.asyncio import Redis
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from bench.peers_servers.snapshot import CHANNEL, REDIS_URL, open_pool, run, snapshot

Queue = asyncio.Queue[bytes]
Hub = defaultdict[str, set[Queue]]


class State(TypedDict):
    """What requests share."""

    hub: Hub
    pool: "asyncpg.Pool[asyncpg.Record]"


async def _events(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_statuses(request, from_postgres=True))


async def _live(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_statuses(request, from_postgres=False))


async def _statuses(
    request: Request, *, from_postgres: bool
) -> AsyncIterator[ServerSentEvent | bytes]:
    plot_id, hub, queue = request.path_params["plot_id"], request.state.hub, Queue()
    hub[plot_id].add(queue)
    try:
        if from_postgres:
            async for event in snapshot(request.state.pool, plot_id):
                yield event
        while True:
            yield await queue.get()
    finally:
        hub[plot_id].discard(queue)


async def _listen(redis: Redis, hub: Hub) -> None:
    async with redis.pubsub() as pubsub:
        await pubsub.psubscribe(f"{CHANNEL}*")
        async for message in pubsub.listen():
            queues = hub.get(message["channel"].removeprefix(CHANNEL))
            if message["type"] == "pmessage" and queues:
                status = message["data"]
                seq = str(json.loads(status)["seq"])
                event = ServerSentEvent(status, event="status", id=seq).encode()
                for queue in queues:
                    queue.put_nowait(event)


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[State]:
    async with Redis.from_url(os.environ[REDIS_URL], decode_responses=True) as redis:
        pool, hub = await open_pool(), Hub(set)
        listening = asyncio.create_task(_listen(redis, hub), name="hub")
        yield {"hub": hub, "pool": pool}
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        pool.terminate()


if __name__ == "__main__":
    routes = [Route("/plots/{plot_id}/events", _events), Route("/plots/{plot_id}/live", _live)]
    run(Starlette(routes=routes, lifespan=_lifespan))
