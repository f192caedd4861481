"""10,000 streams of 10,000 plots in one process: delivery, idleness, and 100 transitions a second.

All three in one opening, which takes some of these servers ten seconds and more.
"""

import asyncio
import random
from dataclasses import dataclass, field
from time import monotonic_ns

from bench import machine
from bench.audience import Audience, audience
from bench.figures import Figure, quantile
from bench.stage import HANDS, Stage
from bench.stories import Story, tell_stories
from bench.streams import delivery
from bench.streams.contender import Contender, Served

IDLE, SUSTAINED = "idle", "sustained"
STREAMS = 10_000
IDLE_SECONDS = 30.0
RATE = 100
"""Transitions a second."""
SECONDS = 60
MOVING = 2000
"""Plots that move in turn: each is asked for, taken and completed, 20 s apart."""
LATE_SECONDS = 15.0
MS = 1e6


@dataclass
class Told:
    """What was committed and told, and when."""

    at_ns: dict[tuple[int, int], int] = field(default_factory=dict)
    """By reader and number: when it was committed."""
    late_ms: list[float] = field(default_factory=list)
    """How long after its time each move began: the hands', not the server's, fault."""


async def measure(stage: Stage, contender: Contender, *, is_sustained: bool) -> list[Figure]:
    """One opening, and all that is measured in it.

    Raises:
        LostError: a stream could not be opened, or ended.
    """
    stories = await tell_stories(stage, STREAMS)
    async with contender.serving(stage) as served, audience() as readers:
        paths = [contender.path_of(story.plot_id) for story in stories]
        await readers.open(served.port, paths, until=contender.until)
        delays_ms = await delivery.delays(stage, served, readers, stories)
        figures = delivery.figures(contender.name, STREAMS, delays_ms)
        before = machine.cpu_seconds(served.pid)
        await asyncio.sleep(IDLE_SECONDS)
        share = (machine.cpu_seconds(served.pid) - before) / IDLE_SECONDS
        figures.append(Figure(IDLE, contender.name, "10,000 streams", "% of a core", 100 * share))
        await readers.collect()
        if is_sustained:
            figures += await _sustained(stage, contender, served, readers, stories)
        await readers.close()
    return figures


async def _sustained(
    stage: Stage, contender: Contender, served: Served, readers: Audience, stories: list[Story]
) -> list[Figure]:
    due = RATE * SECONDS
    pids = {"server": served.pid, "Postgres": stage.postgres_pid, "Valkey": stage.valkey_pid}
    before = {name: machine.cpu_seconds(pid) for name, pid in pids.items()}
    began_ns = monotonic_ns()
    reaching = await readers.expect(due, seconds=SECONDS + LATE_SECONDS)
    told = await _move_evenly(stage, served, stories)
    effort = await reaching
    seconds = (monotonic_ns() - began_ns) / 1e9
    after = {name: machine.cpu_seconds(pid) for name, pid in pids.items()}
    arrivals = [(one.index, one.seq, one.at_ns) for one in await readers.collect()]
    first = {(index, seq): at_ns for index, seq, at_ns in reversed(arrivals)}
    delays_ms = [(first[key] - at) / MS for key, at in told.at_ns.items() if key in first]

    def figure(case: str, unit: str, value: float) -> Figure:
        return Figure(SUSTAINED, contender.name, case, unit, value)

    return [
        figure("p50", "ms", quantile(delays_ms, 0.5)),
        figure("p99", "ms", quantile(delays_ms, 0.99)),
        figure("max", "ms", max(delays_ms)),
        figure("delivered", "transitions", len(delays_ms)),
        figure("missing", "transitions", len(told.at_ns.keys() - first.keys())),
        figure("doubled", "transitions", len(arrivals) - len(first)),
        figure("hands late, p99", "ms", quantile(told.late_ms, 0.99)),
        *(
            figure(f"{name}'s CPU", "% of a core", 100 * (after[name] - before[name]) / seconds)
            for name in pids
        ),
        figure("load client's CPU", "% of a core", 100 * effort.cpu_share),
    ]


async def _move_evenly(stage: Stage, served: Served, stories: list[Story]) -> Told:
    """One move each hundredth of a second, whether or not the one before has ended."""
    told, hands = Told(), asyncio.Semaphore(HANDS - 1)
    moving = random.sample(range(len(stories)), MOVING)
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def move(number: int, due: float) -> None:
        async with hands:
            told.late_ms.append(1000 * (loop.time() - due))
            moved = await stories[number].move(stage.hand)
            told.at_ns[number, moved.seq] = monotonic_ns()
            await served.tell(moved)

    async with asyncio.TaskGroup() as group:
        for count in range(RATE * SECONDS):
            due = began + count / RATE
            await asyncio.sleep(due - loop.time())
            group.create_task(move(moving[count % MOVING], due), name=f"move {count}")
    return told
