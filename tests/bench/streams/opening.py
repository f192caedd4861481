"""Streams opened per second until each has its snapshot, and the memory that an open one holds.

Memory is the process's own, in which what the kernel holds for a socket is not counted: it is the
same for all.
"""

import asyncio

from bench import machine
from bench.audience import audience
from bench.figures import Figure, quantile
from bench.stage import Stage
from bench.stories import tell_stories
from bench.streams.contender import HEAD, Contender

CONNECTS, MEMORY = "connects", "memory"
STREAMS = 2000
WARM_UP = 40
"""Streams that are opened and closed before: what a server sets up once is not a stream's."""
SETTLE_SECONDS = 0.5
"""Until a server has put away what the opening itself needed."""


async def measure(stage: Stage, contender: Contender) -> list[Figure]:
    """Both, in the same opening; and connects without a snapshot, where there is such a thing.

    Raises:
        LostError: a stream was not opened.
    """
    figures = await _opening(stage, contender, bare=False)
    if contender.bare_path:
        figures += await _opening(stage, contender, bare=True)
    return figures


async def _opening(stage: Stage, contender: Contender, *, bare: bool) -> list[Figure]:
    stories = await tell_stories(stage, STREAMS)
    paths = [contender.path_of(story.plot_id, bare=bare) for story in stories]
    until = HEAD if bare else contender.until
    async with contender.serving(stage) as served, audience() as readers:
        await readers.open(served.port, paths[:WARM_UP], until=until)
        await readers.close()
        await asyncio.sleep(SETTLE_SECONDS)
        memory_kib, seconds = machine.memory_kib(served.pid), machine.cpu_seconds(served.pid)
        opening = await readers.open(served.port, paths, until=until)
        used_seconds = machine.cpu_seconds(served.pid) - seconds
        await asyncio.sleep(SETTLE_SECONDS)
        grown_kib = machine.memory_kib(served.pid) - memory_kib
        await readers.close()
    case = "with snapshot" if until != HEAD else "without snapshot"

    def figure(measure: str, name: str, unit: str, value: float) -> Figure:
        return Figure(measure, contender.name, name, unit, value)

    figures = [
        figure(CONNECTS, case, "1/s", STREAMS / opening.seconds),
        figure(CONNECTS, f"{case}, p99", "ms", quantile(opening.waited_ms, 0.99)),
        figure(CONNECTS, f"{case}, server CPU", "µs", used_seconds / STREAMS * 1e6),
        figure(CONNECTS, f"{case}, load client's CPU", "share", opening.cpu_share),
    ]
    return figures if bare else [figure(MEMORY, "a stream", "KiB", grown_kib / STREAMS), *figures]
