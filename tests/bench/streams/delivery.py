"""From the commit to the bytes at the reader, one transition at a time."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic_ns

from bench.audience import Audience, LostError, audience
from bench.figures import Figure, quantile
from bench.stage import Stage
from bench.stories import Story, tell_stories
from bench.streams.contender import Contender, Served

MEASURE = "delivery"
CASES = (1, 100, 2000)
TRANSITIONS = 200
WARM_UP = 20
PAUSE_SECONDS = 0.005
PATIENCE_SECONDS = 10.0
MS = 1e6


async def measure(stage: Stage, contender: Contender) -> list[Figure]:
    """For each number of streams, each of its own plot.

    Raises:
        LostError: an event did not arrive.
    """
    stories = await tell_stories(stage, max(CASES))
    found: list[Figure] = []
    async with contender.serving(stage) as served, audience() as readers:
        is_open = 0
        for streams in CASES:
            paths = [contender.path_of(story.plot_id) for story in stories[is_open:streams]]
            await readers.open(served.port, paths, until=contender.until)
            is_open = streams
            delays_ms = await delays(stage, served, readers, stories[:streams])
            found += figures(contender.name, streams, delays_ms)
        await readers.close()
    return found


def figures(contender: str, streams: int, delays_ms: Sequence[float]) -> list[Figure]:
    """Median and 99th percentile for this number of streams."""
    case = f"{streams:,} stream{'s' * (streams > 1)}"
    return [
        Figure(MEASURE, contender, f"{case}, {name}", "ms", quantile(delays_ms, share))
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]


async def delays(
    stage: Stage, served: Served, readers: Audience, stories: Sequence[Story]
) -> list[float]:
    """Milliseconds of each transition, those of the warm-up left out.

    Raises:
        LostError: one did not arrive.
    """
    index = {story.plot_id: number for number, story in enumerate(stories)}
    told: dict[tuple[int, int], int] = {}
    reaching = await readers.expect(WARM_UP + TRANSITIONS, seconds=PATIENCE_SECONDS)
    async with finished(reaching):
        for _ in range(WARM_UP + TRANSITIONS):
            story = random.choice(stories)  # noqa: S311 - any will do
            moved = await story.move(stage.hand)
            told[index[story.plot_id], moved.seq] = monotonic_ns()
            await served.tell(moved)
            await asyncio.sleep(PAUSE_SECONDS)
    arrived = {(one.index, one.seq): one.at_ns for one in await readers.collect()}
    if missing := told.keys() - arrived.keys():
        raise LostError(f"{len(missing)} of {len(told)} transitions did not arrive")
    return [(arrived[key] - at_ns) / MS for key, at_ns in told.items()][WARM_UP:]


@asynccontextmanager
async def finished(task: "asyncio.Task[object]") -> AsyncIterator[None]:
    """Wait for a task at the end, or cancel it when the block breaks."""
    try:
        yield
        await task
    finally:
        task.cancel()
