"""sse-starlette, in both ways: a `pubsub` for each stream, and one hub for the process."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bench.peers import PYTHON
from bench.stage import Stage
from bench.streams.contender import Contender, Served, free_port, started


def _serving(module: str) -> Callable[[Stage], AbstractAsyncContextManager[Served]]:
    @asynccontextmanager
    async def serving(stage: Stage) -> AsyncIterator[Served]:
        port = free_port()
        async with started(stage, [PYTHON, "-m", module], port) as pid:
            yield Served(pid, port, stage.hand.bus.status)

    return serving


PATH, BARE_PATH = "/plots/{plot_id}/events", "/plots/{plot_id}/live"
PUBSUB = Contender(
    "sse-starlette, pubsub each",
    _serving("bench.peers_servers.sse_pubsub"),
    PATH,
    bare_path=BARE_PATH,
    needs="python",
    most_streams=5000,
    why_no_more="each stream has a connection to Redis, whose default is 10,000 at most",
)
HUB = Contender(
    "sse-starlette, one hub",
    _serving("bench.peers_servers.sse_hub"),
    PATH,
    bare_path=BARE_PATH,
    needs="python",
)
