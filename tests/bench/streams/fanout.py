"""One transition to 2,000 streams of one plot: when each had it, and what it cost the server."""

import asyncio
from time import monotonic_ns

from bench import machine
from bench.audience import LostError, audience
from bench.figures import Figure, quantile
from bench.stage import Stage
from bench.stories import tell_stories
from bench.streams.contender import Contender

MEASURE = "fan-out"
STREAMS = 2000
TRANSITIONS = 20
WARM_UP = 2
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.02
MOST_EARLY = 5
MS = 1e6


async def measure(stage: Stage, contender: Contender) -> list[Figure]:
    """Each transition is told when the one before it has reached all.

    Who looks into Postgres by itself, as Limner does now and then, may deliver what is committed
    before it is told of it. That is no figure of how soon it delivers what it is told: such a
    transition counts as early, and another takes its place.

    Raises:
        LostError: an event did not arrive everywhere, or too many were early.
    """
    (story,) = await tell_stories(stage, 1)
    async with contender.serving(stage) as served, audience() as readers:
        paths = [contender.path_of(story.plot_id)] * STREAMS
        await readers.open(served.port, paths, until=contender.until)
        delays_ms: list[float] = []
        lasts_ms: list[float] = []
        shares: list[float] = []
        cpu_seconds = 0.0
        early, due = 0, WARM_UP + TRANSITIONS
        while due:
            await asyncio.sleep(PAUSE_SECONDS)
            reaching = await readers.expect(STREAMS, seconds=PATIENCE_SECONDS)
            moved = await story.move(stage.hand)
            before = machine.cpu_seconds(served.pid)
            told_ns = monotonic_ns()
            await served.tell(moved)
            effort = await reaching
            after = machine.cpu_seconds(served.pid)
            arrivals = [one for one in await readers.collect() if one.seq == moved.seq]
            if len({one.index for one in arrivals}) != STREAMS or len(arrivals) != STREAMS:
                raise LostError(f"{contender.name}: {len(arrivals)} of {STREAMS} arrived")
            found = [(one.at_ns - told_ns) / MS for one in arrivals]
            if min(found) < 0:
                early += 1
                if early > MOST_EARLY:
                    raise LostError(f"{contender.name}: {early} arrived before they were told")
                continue
            due -= 1
            if due < TRANSITIONS:
                delays_ms += found
                lasts_ms.append(max(found))
                shares.append(effort.cpu_seconds / (max(found) / 1000))
                cpu_seconds += after - before
        await readers.close()
    events = STREAMS * TRANSITIONS

    def figure(case: str, unit: str, value: float) -> Figure:
        return Figure(MEASURE, contender.name, case, unit, value)

    return [
        figure("p50", "ms", quantile(delays_ms, 0.5)),
        figure("p99", "ms", quantile(delays_ms, 0.99)),
        figure("last", "ms", quantile(lasts_ms, 0.5)),
        figure("server CPU per event", "µs", cpu_seconds / events * 1e6),
        figure("load client's CPU until the last", "share", quantile(shares, 0.5)),
        figure("early, and taken again", "transitions", early),
    ]
