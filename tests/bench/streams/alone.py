"""Sends alone: the floor. No server, no Redis: a loop that sends to sockets when it is told."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.stage import Stage
from bench.streams.contender import HEAD, Contender, Served, free_port, started
from limner.domain.transition import Transition, status_object
from limner.encoding import encode

SERVER = Path(__file__).parents[1] / "peers_servers" / "alone.py"


@asynccontextmanager
async def _serving(stage: Stage) -> AsyncIterator[Served]:
    port = free_port()
    async with started(stage, [sys.executable, SERVER], port) as pid:
        reader, writer = await asyncio.open_connection("127.0.0.1", port + 1)

        async def tell(transition: Transition) -> None:
            event = encode(status_object(transition))
            writer.write(transition.plot_id.encode() + b" " + event + b"\n")
            await reader.readline()

        try:
            yield Served(pid, port, tell)
        finally:
            writer.transport.abort()


ALONE = Contender("sends alone", _serving, "/plots/{plot_id}/events", until=HEAD)
