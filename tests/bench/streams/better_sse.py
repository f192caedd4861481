"""better-sse on Node."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.peers import NODE_FOLDER
from bench.stage import Stage
from bench.streams.contender import Contender, Served, free_port, started

SERVER = Path(__file__).parents[1] / "peers_servers" / "better_sse.mjs"


@asynccontextmanager
async def _serving(stage: Stage) -> AsyncIterator[Served]:
    port, env = free_port(), {"BENCH_MODULES": str(NODE_FOLDER), "NODE_ENV": "production"}
    async with started(stage, ["node", SERVER], port, env) as pid:
        yield Served(pid, port, stage.hand.bus.status)


BETTER_SSE = Contender(
    "better-sse",
    _serving,
    "/plots/{plot_id}/events",
    needs="node",
    bare_path="/plots/{plot_id}/live",
)
