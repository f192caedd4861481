"""Taking jobs out of the queue, and doing them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from arq import ArqRedis
from arq.constants import in_progress_key_prefix
from arq.worker import func
from structlog.testing import capture_logs

from limner.jobs.queue import FUNCTION, QUEUE, Queue, connect, deserialize, serialize
from limner.jobs.taking import Job, Taker
from limner.worker.poller import Poller
from stage.process import BOUND_SECONDS

WAKE = "limner:test"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[ArqRedis]:
    """A client of an empty queue."""
    client = connect(redis_url, timeout_seconds=5)
    yield client
    await client.aclose(close_connection_pool=True)


def _taker(redis: ArqRedis, read_limit: int = 1000) -> Taker:
    return Taker(redis, mark_seconds=60, read_limit=read_limit)


def _ids(jobs: list[Job]) -> list[str]:
    return [job.id for job in jobs]


async def test_what_was_handed_over_first_is_taken_first_and_by_one_alone(redis: ArqRedis) -> None:
    queue, names = Queue(redis), [f"task-{number}" for number in range(7)]
    for score, name in enumerate(names):
        assert await queue.put(name, 1)
        await redis.zadd(QUEUE, {f"{name}:1": score + 1})  # at moments that are surely different
    one, other = _taker(redis), _taker(redis)
    first, second = await one.take(2), await asyncio.gather(one.take(2), other.take(2))
    assert _ids(first) == ["task-0:1", "task-1:1"]
    assert sorted(_ids(second[0] + second[1])) == [f"task-{number}:1" for number in range(2, 6)]
    assert _ids(await other.take(5)) == ["task-6:1"]
    assert await other.take(5) == []
    assert deserialize(first[0].body or b"")["a"] == ["task-0"]
    assert await redis.pttl(in_progress_key_prefix + "task-0:1") > 50_000


async def test_what_is_done_has_left_no_trace_and_what_is_not_is_taken_again(
    redis: ArqRedis,
) -> None:
    queue, taker = Queue(redis), _taker(redis)
    for name in ("done", "cut off"):
        assert await queue.put(name, 1)
    for job in await taker.take(2):
        await taker.leave(job, is_done=job.id == "done:1")
    assert await redis.zrange(QUEUE, 0, -1) == [b"cut off:1"]
    assert _ids(await taker.take(2)) == ["cut off:1"]
    assert not [key for key in await redis.keys("*") if b"done" in key]


async def test_what_is_put_off_is_not_taken_and_nobody_is_woken_for_it(redis: ArqRedis) -> None:
    queue = Queue(redis, WAKE)
    async with redis.pubsub() as wire, asyncio.timeout(BOUND_SECONDS):
        await wire.subscribe(WAKE)
        assert (await anext(wire.listen()))["type"] == "subscribe"
        assert await queue.put("later", 1, delay_seconds=20)
        await redis.publish(WAKE, b"a mark")
        assert (await anext(wire.listen()))["data"] == b"a mark"
        assert await _taker(redis).take(5) == []
        assert await queue.put("now", 1)
        assert (await anext(wire.listen()))["data"] == b""
        assert _ids(await _taker(redis).take(5)) == ["now:1"]


async def test_a_hundred_jobs_that_run_elsewhere_hide_none_that_waits(redis: ArqRedis) -> None:
    queue = Queue(redis)
    for number in range(250):
        assert await queue.put(f"task-{number:03}", 1)
    assert len(await _taker(redis).take(249)) == 249
    assert len(await _taker(redis).take(5)) == 1


async def test_what_the_queue_refuses_was_not_handed_over(redis: ArqRedis) -> None:
    await redis.acl_setuser("default", enabled=True, commands=["-zadd"])
    try:
        assert not await Queue(redis).put("task", 1)
    finally:
        await redis.acl_setuser("default", enabled=True, commands=["+zadd"])


async def test_arq_reads_what_was_handed_over(redis: ArqRedis) -> None:
    assert await Queue(redis).put("task", 3)
    (job,) = await redis.queued_jobs(queue_name=QUEUE)
    assert (job.function, list(job.args), job.job_id) == (FUNCTION, ["task"], "task:3")
    assert 6 * 24 * 60 * 60 < await redis.ttl("arq:job:task:3") <= 7 * 24 * 60 * 60


@asynccontextmanager
async def _at_work(redis: ArqRedis, job: Any, places: int) -> AsyncIterator[Poller]:
    """A poller that nobody wakes, and that looks by itself once in ten minutes."""
    poller = Poller(
        redis,
        asyncio.Event(),
        functions=[func(job, name=FUNCTION, keep_result=0)],
        queue_name=QUEUE,
        job_serializer=serialize,
        job_deserializer=deserialize,
        max_jobs=places,
        poll_delay=600,
    )
    life = asyncio.create_task(poller.main(), name="poller")
    try:
        yield poller
    finally:
        poller.stop()
        async with asyncio.timeout(BOUND_SECONDS):
            await life
            await asyncio.gather(*poller.tasks.values())


async def test_a_place_that_is_free_is_taken_by_what_waits_and_never_by_two(
    redis: ArqRedis,
) -> None:
    at_once, most, done = 0, 0, asyncio.Queue[str](maxsize=10)

    async def job(_ctx: dict[str, Any], task_id: str) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await redis.ping()
        at_once -= 1
        await done.put(task_id)

    queue, names = Queue(redis), [f"task-{number}" for number in range(7)]
    for name in names:
        assert await queue.put(name, 1)
    async with _at_work(redis, job, places=2), asyncio.timeout(BOUND_SECONDS):
        assert sorted([await done.get() for _ in names]) == names
    assert most == 2
    assert await redis.keys("*") == [QUEUE.encode() + b":health-check"]


async def test_a_job_that_breaks_is_told_of_and_keeps_no_other_from_being_done(
    redis: ArqRedis,
) -> None:
    done = asyncio.Event()

    async def job(_ctx: dict[str, Any], task_id: str) -> None:
        if task_id != "last":
            raise KeyError(task_id)  # as a job that nobody knows would
        done.set()

    queue = Queue(redis)
    for score, name in enumerate(("broken", "garbled", "bodiless", "last")):
        assert await queue.put(name, 1)
        await redis.zadd(QUEUE, {f"{name}:1": score + 1})
    await redis.set("arq:job:garbled:1", b"\xff no JSON")
    await redis.delete("arq:job:bodiless:1")
    with capture_logs() as lines:
        async with _at_work(redis, job, places=1), asyncio.timeout(BOUND_SECONDS):
            await done.wait()
    assert [(line["event"], line["job"]) for line in lines if "job" in line] == [
        ("A job broke", "broken:1"),
        ("A job says nothing that can be done", "garbled:1"),
        ("A job has outlived its body", "bodiless:1"),
    ]
    assert await redis.zcard(QUEUE) == 0


async def test_a_job_that_is_cut_off_can_be_taken_again(redis: ArqRedis) -> None:
    begun = asyncio.Event()

    async def job(_ctx: dict[str, Any], _task_id: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    assert await Queue(redis).put("task", 1)
    async with _at_work(redis, job, places=1) as poller, asyncio.timeout(BOUND_SECONDS):
        await begun.wait()
        poller.stop()
        task = poller.tasks.pop("task:1")
        task.cancel()
        await asyncio.wait([task])
    assert _ids(await _taker(redis).take(1)) == ["task:1"]
