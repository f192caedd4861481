"""From asking to beginning, one at a time on an otherwise idle machine.

Limner's figure is a whole: `POST …/image` over HTTP, commits to a durable Postgres, the queue, a
worker, the `generating` event at a reader of the stream. The peers' is the pick-up of a job alone,
from the call that enqueues it to its first line: no HTTP, nothing stored, nobody told. That favours
the peers. Requests come at moments that are in phase with nobody's clock. Postgres
and Valkey are on core 1, as in all measures; an API, a worker and whoever asks may run on either
core, as in life.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter

from bench.figures import Figure, quantile
from bench.queues.peer import PEERS, READY_SECONDS, Bench
from bench.stage import Stage
from bench.stories import tell_stories
from stage.author import Author, session_of
from stage.process import running
from stage.reader import Event, Stream, watching

MEASURE = "pickup"
LIMNER = "Limner"
CONTENDERS = (LIMNER, "arq", "Celery", "SAQ")
REQUESTS = 100
WARM_UP = 5
LONGEST_PAUSE_MS = 120.0
PATIENCE_SECONDS = 30.0


async def measure(stage: Stage, contender: str, *, requests: int = REQUESTS) -> list[Figure]:
    """One round of one contender: p50 and p99 in ms.

    Raises:
        RuntimeError: a job was not run.
        TimeoutError: an event did not come.
    """
    pauses_ms = [random.uniform(0, LONGEST_PAUSE_MS) for _ in range(WARM_UP + requests)]  # noqa: S311 - a scatter
    if contender == LIMNER:
        waits_ms = await _of_limner(stage, pauses_ms)
    else:
        waits_ms = await _of_peer(Bench(stage, PEERS[contender]), pauses_ms)
    return [
        Figure(MEASURE, contender, name, "ms", quantile(waits_ms[WARM_UP:], share))
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]


async def _of_peer(bench: Bench, pauses_ms: Sequence[float]) -> list[float]:
    await bench.clear()
    async with bench.working():
        await bench.send([0])
        await bench.ran(1, seconds=READY_SECONDS)
        await bench.send(pauses_ms)
        stamps = await bench.ran(1 + len(pauses_ms), seconds=PATIENCE_SECONDS)
    ordered = sorted(stamps, key=lambda stamp: stamp.sent_ns)
    return [(stamp.began_ns - stamp.sent_ns) / 1e6 for stamp in ordered[1:]]


async def _of_limner(stage: Stage, pauses_ms: Sequence[float]) -> list[float]:
    """Each request for another plot, whose stream is open by then."""
    stories = await tell_stories(stage, len(pauses_ms))
    waits_ms = []
    async with _at_work(stage) as author:
        for story, pause_ms in zip(stories, pauses_ms, strict=True):
            async with watching(author.session, f"/api/plots/{story.plot_id}/events") as stream:
                await stream.greeted()
                await asyncio.sleep(pause_ms / 1000)
                waits_ms.append(1000 * await _one(author, story.character_id, stream))
    return waits_ms


async def _one(author: Author, character_id: str, stream: Stream) -> float:
    """Seconds from a request to its `generating`; returns when it is completed."""
    began = perf_counter()
    asking = asyncio.create_task(author.draw(character_id), name="asking for an image")
    try:
        task_id = (await stream.find(lambda event: '"status":"pending"' in event.data)).json[
            "task_id"
        ]
        await stream.find(lambda event: _is(event, task_id, "generating"))
        seconds = perf_counter() - began
    finally:
        await asking
    await stream.find(lambda event: _is(event, task_id, "completed"))
    return seconds


def _is(event: Event, task_id: object, status: str) -> bool:
    return f'"status":"{status}"' in event.data and f'"task_id":"{task_id}"' in event.data


@asynccontextmanager
async def _at_work(stage: Stage) -> AsyncIterator[Author]:
    """A client of an API with a worker, neither of them pinned."""
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(running("api", "--child", env=stage.env))
        worker = await stack.enter_async_context(running("worker", "--child", env=stage.env))
        address = str((await api.said("Serving"))["address"])
        await worker.said("Waiting for generations")
        session = await stack.enter_async_context(session_of(address))
        yield Author(session, address)
