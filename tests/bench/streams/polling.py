"""Polling each second: Limner's own status answer, on kept connections, with `If-None-Match`.

What changes twice within a second is seen once, so no character moves twice in that time here.
"""

import asyncio
import random
from collections.abc import Sequence
from time import monotonic_ns

from bench import machine
from bench.audience import POLLERS, Audience, LostError, audience
from bench.figures import Figure
from bench.stage import Stage, serving
from bench.stories import Story, tell_stories
from bench.streams.delivery import CASES, MEASURE, MS, PAUSE_SECONDS, figures, finished

NAME = "polling each second"
MOST_TRANSITIONS = 200
ONE_STORY_TRANSITIONS = 6
PATIENCE_SECONDS = 20.0
NS = 1e9
WHY_NO_MORE = "2,000 pollers take most of a core already: see the server's CPU under delivery"


async def measure(stage: Stage) -> list[Figure]:
    """For each number of pollers, each of its own character.

    Raises:
        LostError: a status was not seen.
    """
    stories = await tell_stories(stage, max(CASES))
    found: list[Figure] = []
    async with serving(stage) as api:
        for pollers in CASES:
            asked = stories[-pollers:]
            paths = [f"/api/characters/{story.character_id}/image/status" for story in asked]
            async with audience(POLLERS) as crowd:
                await crowd.poll(api.port, paths)
                before, began_ns = machine.cpu_seconds(api.pid), monotonic_ns()
                delays_ms = await _delays(stage, crowd, asked)
                share = (machine.cpu_seconds(api.pid) - before) / ((monotonic_ns() - began_ns) / NS)
                refused = await crowd.refusals()
            found += figures(NAME, pollers, delays_ms)
            if pollers == max(CASES):
                case = f"{pollers:,} streams, server CPU"
                found.append(Figure(MEASURE, NAME, case, "% of a core", 100 * share))
            if refused:
                found.append(Figure(MEASURE, NAME, f"{pollers:,}, refused", "answers", refused))
    return found


async def _delays(stage: Stage, crowd: Audience, stories: Sequence[Story]) -> list[float]:
    if len(stories) == 1:
        order, pause_seconds = [0] * ONE_STORY_TRANSITIONS, 1.1
    else:
        order = random.sample(range(len(stories)), min(len(stories), MOST_TRANSITIONS))
        pause_seconds = PAUSE_SECONDS
    told: dict[tuple[int, int], int] = {}
    seconds = PATIENCE_SECONDS + len(order) * pause_seconds
    await crowd.collect()
    reaching = await crowd.expect(len(order), seconds=seconds)
    async with finished(reaching):
        for number in order:
            moved = await stories[number].move(stage.hand)
            told[number, moved.seq] = monotonic_ns()
            await stage.hand.bus.status(moved)
            await asyncio.sleep(pause_seconds * random.uniform(1, 1.5))  # noqa: S311 - a scatter
    arrived = {(one.index, one.seq): one.at_ns for one in await crowd.collect()}
    if missing := told.keys() - arrived.keys():
        raise LostError(f"{NAME}: {len(missing)} of {len(told)} transitions were not seen")
    return [(arrived[key] - at_ns) / MS for key, at_ns in told.items()]
