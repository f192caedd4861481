"""Limner: one API process, as it is shipped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.stage import Stage, serving
from bench.streams.contender import Contender, Served


@asynccontextmanager
async def _serving(stage: Stage) -> AsyncIterator[Served]:
    async with serving(stage) as api:
        yield Served(api.pid, api.port, stage.hand.bus.status)


LIMNER = Contender("Limner", _serving, "/api/plots/{plot_id}/events")
