"""How many a second: a queue that is full already, and then a worker to empty it.

Limner's generations are accepted and handed over beforehand, each of a plot of its own, so that no
two wait for one lock; the worker draws with the provider `blank`, and a generation takes three
transitions, each durable and published, and a look into the image store. Its time is that between
the first `generating` and the last `completed`, as Postgres has them. The peers' jobs do nothing
but write down when they began. One worker is on core 0, and Postgres and Valkey are on core 1; with
two workers, those run where they like.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from redis.asyncio import Redis

from bench import machine
from bench.figures import Figure
from bench.queues.peer import LOOK_SECONDS, PEERS, Bench
from bench.stage import Stage
from bench.stories import tell_stories
from limner.jobs.queue import open_queue
from stage.process import running

MEASURE = "throughput"
LIMNER = "Limner"
LIMNER_PAIR = "Limner, two workers"
CONTENDERS = (LIMNER, LIMNER_PAIR, "arq", "arq, tuned", "Celery, one process", "SAQ")
GENERATIONS = 600
JOBS = 2_000
HANDS = 10
PATIENCE_SECONDS = 60.0
LEFT = "SELECT count(*) FROM generations WHERE status IN ('pending', 'generating')"
TAKEN = """
    SELECT
        extract(EPOCH FROM max(t.at) - min(t.at))::float8 AS seconds,
        count(*) FILTER (WHERE t.status = 'completed') AS completed
    FROM transitions AS t
    WHERE t.generation_id = any(cast($1::text[] AS uuid[])) AND t.previous IS NOT NULL
"""


async def measure(stage: Stage, contender: str) -> list[Figure]:
    """One round of one contender: how many a second, and the CPU time of each in ms.

    Raises:
        RuntimeError: not all came to their end.
    """
    if contender == LIMNER:
        return await _of_limner(stage, contender, cores=(machine.SERVER_CORE,))
    if contender == LIMNER_PAIR:
        return await _of_limner(stage, contender, cores=(None, None))
    return await _of_peer(Bench(stage, PEERS[contender]), stage)


async def _of_limner(stage: Stage, contender: str, *, cores: Sequence[int | None]) -> list[Figure]:
    """A worker on each of these cores; None is any core."""
    tasks = await _handed_over(stage)
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(_working(stage, core)) for core in cores]
        await _until(stage, len(tasks) - 1)
        before = _cpu_seconds(stage, workers)
        await _until(stage, 0)
        after = _cpu_seconds(stage, workers)
    async with stage.database.connection() as connection:
        row = await connection.fetchrow(TAKEN, tasks)
    assert row is not None
    if row["completed"] != len(tasks):
        raise RuntimeError(f"{row['completed']} of {len(tasks)} generations were completed.")
    names = ("worker's CPU", "Postgres's CPU", "Valkey's CPU")
    return [
        Figure(MEASURE, contender, "rate", "1/s", len(tasks) / row["seconds"]),
        *(
            Figure(MEASURE, contender, name, "ms each", 1000 * (then - now) / len(tasks))
            for name, now, then in zip(names, before, after, strict=True)
        ),
    ]


async def _of_peer(bench: Bench, stage: Stage) -> list[Figure]:
    await bench.clear()
    await bench.send([0] * JOBS)
    async with bench.working(core=machine.SERVER_CORE) as pid:
        await bench.ran(1, seconds=PATIENCE_SECONDS)
        before = machine.cpu_seconds(pid), machine.cpu_seconds(stage.valkey_pid)
        stamps = await bench.ran(JOBS, seconds=PATIENCE_SECONDS)
        after = machine.cpu_seconds(pid), machine.cpu_seconds(stage.valkey_pid)
    seconds = (stamps[-1].began_ns - stamps[0].began_ns) / 1e9
    name = bench.peer.name
    return [
        Figure(MEASURE, name, "rate", "1/s", JOBS / seconds),
        Figure(MEASURE, name, "worker's CPU", "ms each", 1000 * (after[0] - before[0]) / JOBS),
        Figure(MEASURE, name, "Valkey's CPU", "ms each", 1000 * (after[1] - before[1]) / JOBS),
    ]


async def _handed_over(stage: Stage) -> list[str]:
    """The ids of generations that wait in a queue in which nothing else is."""
    waiting = await tell_stories(stage, GENERATIONS)
    async with Redis.from_url(stage.redis_url) as redis:
        await redis.flushdb()
    tasks: list[str] = []
    async with open_queue(stage.redis_url) as queue:

        async def hand_over() -> None:
            while waiting:
                pending = await stage.hand.accept(waiting.pop().character_id)
                if not await queue.put(pending.task_id, 1):
                    raise RuntimeError("The queue did not take a generation.")
                tasks.append(pending.task_id)

        async with asyncio.TaskGroup() as group:
            for number in range(HANDS):
                group.create_task(hand_over(), name=f"hand {number}")
    return tasks


@asynccontextmanager
async def _working(stage: Stage, core: int | None) -> AsyncIterator[int]:
    async with running("worker", "--child", env=stage.env) as worker:
        if core is not None:
            machine.pin(worker.pid, core)
        yield worker.pid


async def _until(stage: Stage, left: int) -> None:
    """Wait until so many generations, or fewer, are not at their end.

    Raises:
        RuntimeError: there are more for too long.
    """
    found = -1
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                async with stage.database.connection() as connection:
                    found = int(await connection.fetchval(LEFT))
                if found <= left:
                    return
                await asyncio.sleep(5 * LOOK_SECONDS)
    raise RuntimeError(f"{found} generations did not come to their end.")


def _cpu_seconds(stage: Stage, workers: Sequence[int]) -> tuple[float, float, float]:
    """Of the workers together, of Postgres and of Valkey."""
    return (
        sum(map(machine.cpu_seconds, workers)),
        machine.cpu_seconds(stage.postgres_pid),
        machine.cpu_seconds(stage.valkey_pid),
    )
