"""Hundreds of silent streams are told that they live, each in its time."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from itertools import pairwise

from stage.author import Author
from stage.process import BOUND_SECONDS, Process
from stage.wire import Wire, connected, request

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]

STREAMS = 500
SILENCE_SECONDS = 1.0
LATE_SECONDS = 2.0
"""How much later than that it may be on a machine that does much else."""


async def _heartbeats(wire: Wire, count: int) -> list[float]:
    """When the server says that it spoke, in seconds; what else it says is left out."""
    assert (await wire.head())[0] == 200
    found: list[float] = []
    chunks = wire.chunks()
    while len(found) < count:
        chunk = await anext(chunks)
        if chunk.startswith(b"event: heartbeat\n"):
            _, _, data = chunk.partition(b"data: ")
            found.append(datetime.fromisoformat(json.loads(data)["at"]).timestamp())
    return found


async def test_five_hundred_silent_streams_hear_of_it_each_time_and_never_too_often(
    api: Start,
) -> None:
    async with api(LIMNER_HEARTBEAT_SECONDS=str(SILENCE_SECONDS)) as (_, author):
        path = f"/api/plots/{await author.plot()}/events"
        async with AsyncExitStack() as stack, asyncio.timeout(BOUND_SECONDS):
            wires = [
                await stack.enter_async_context(connected(author.address)) for _ in range(STREAMS)
            ]
            for wire in wires:
                await wire.send(request("GET", path))
            heard = await asyncio.gather(*(_heartbeats(wire, 4) for wire in wires))
    silences = [later - earlier for times in heard for earlier, later in pairwise(times)]
    assert min(silences) > SILENCE_SECONDS * 0.9
    assert max(silences) < SILENCE_SECONDS + LATE_SECONDS
