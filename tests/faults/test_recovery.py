"""Looking for what nobody looks after, in this process: what it does, once, and what stops it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from arq.constants import in_progress_key_prefix, job_key_prefix
from redis.asyncio import Redis

from faults.story import StartWorker
from faults.sweep import lost, recovering
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.plot import LOCAL_OWNER
from limner.flows import recover
from limner.gates.line import Line
from limner.jobs.queue import QUEUE, Queue
from limner.store.database import Database
from limner.store.plots import Plots
from limner.store.recovery import Recovery
from stage.process import BOUND_SECONDS
from worker.easel import Easel


class Turnless(Recovery):
    """It is everybody's turn."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Now."""
        yield True


async def _wait_long(database: Database) -> None:
    """Let everything that waits have waited for a minute."""
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE generations SET dispatched_at = dispatched_at - interval '1 minute'"
        )


@pytest.mark.parametrize("kind", [Recovery, Turnless])
async def test_two_that_recover_at_once_recover_nothing_twice(
    easel: Easel, queue: Queue, kind: type[Recovery], redis_url: str
) -> None:
    silent = await lost(easel, 10)
    given_up = await lost(easel, 10, max_attempts=1)
    overdue = [(await easel.ask(deadline_seconds=0)).task_id for _ in range(10)]
    forgotten = [(await easel.ask()).task_id for _ in range(10)]
    await _wait_long(easel.database)
    await asyncio.gather(*(recovering(easel, queue, kind)() for _ in range(3)))
    for task_id in silent:
        assert await easel.statuses(task_id) == ["pending", "generating", "pending"]
    for task_id in given_up:
        assert await easel.statuses(task_id) == ["pending", "generating", "failed"]
    for task_id in overdue:
        assert await easel.statuses(task_id) == ["pending", "failed"]
    async with Redis.from_url(redis_url) as redis:
        jobs = {job.decode() for job in await redis.zrange(QUEUE, 0, -1)}
    # Without turns, one may hand over what another is about to end.
    jobs -= {f"{task_id}:2" for task_id in overdue}
    assert jobs == {f"{task_id}:2" for task_id in silent + forgotten}


async def test_one_at_a_time_has_the_turn_and_gives_it_back(database: Database) -> None:
    recovery = Recovery(database)
    async with recovery.turn() as is_first:
        async with recovery.turn() as is_second:
            assert (is_first, is_second) == (True, False)
        async with recovery.turn() as is_third:
            assert not is_third
    async with recovery.turn() as is_fourth:
        assert is_fourth


@pytest.mark.parametrize("error", [OSError, ZeroDivisionError, asyncio.CancelledError])
async def test_a_turn_that_ends_badly_is_over(
    database: Database, error: type[BaseException]
) -> None:
    recovery = Recovery(database)

    async def end_badly() -> None:
        async with recovery.turn() as is_ours:
            assert is_ours
            raise error

    with pytest.raises((error, DatabaseUnavailableError)):
        await end_badly()
    async with recovery.turn() as is_ours:
        assert is_ours


async def test_a_lease_that_still_runs_is_left_alone(easel: Easel, queue: Queue) -> None:
    task_id = (await easel.ask()).task_id
    await easel.take(task_id)
    await recovering(easel, queue)()
    assert await easel.statuses(task_id) == ["pending", "generating"]


async def test_a_job_that_a_dead_worker_had_marked_as_begun_is_handed_over_again(
    easel: Easel, queue: Queue, redis_url: str, env: dict[str, str], worker: StartWorker
) -> None:
    task_id = (await easel.ask()).task_id
    assert await queue.put(task_id, 1)
    async with Redis.from_url(redis_url) as redis:
        await redis.set(f"{in_progress_key_prefix}{task_id}:1", b"1", ex=600)
    await _wait_long(easel.database)
    await recovering(easel, queue)()
    async with worker() as process:
        await process.said("Done", task_id=task_id)
    assert await easel.statuses(task_id) == ["pending", "generating", "completed"]


async def test_what_the_queue_still_knows_is_not_handed_over_again(
    easel: Easel, queue: Queue, redis_url: str
) -> None:
    known, later, bodiless = [(await easel.ask()).task_id for _ in range(3)]
    assert await queue.put(known, 1)
    assert await queue.put(later, 1, delay_seconds=600)
    assert await queue.put(bodiless, 1)
    await _wait_long(easel.database)
    async with Redis.from_url(redis_url) as redis:
        await redis.delete(f"{job_key_prefix}{bodiless}:1")
        await recovering(easel, queue)()
        jobs = {job.decode() for job in await redis.zrange(QUEUE, 0, -1)}
    assert jobs == {f"{known}:1", f"{later}:1", f"{bodiless}:1", f"{bodiless}:2"}


async def test_a_locked_story_holds_up_no_other(easel: Easel, queue: Queue) -> None:
    """Its rows come first, since they are the oldest, at each sweep again."""
    (locked,) = await lost(easel, 1)
    plot = await Plots(easel.database).add(LOCAL_OWNER, title="The Burrow", style="")
    (other,) = await lost(replace(easel, plot_id=plot.id), 1)
    async with easel.database.transaction() as connection:
        await connection.execute("SELECT 1 FROM plots WHERE id = $1 FOR UPDATE", easel.plot_id)
        await recovering(easel, queue)()
        assert await easel.statuses(locked) == ["pending", "generating"]
        assert await easel.statuses(other) == ["pending", "generating", "pending"]
    await recovering(easel, queue)()
    assert await easel.statuses(locked) == ["pending", "generating", "pending"]


BREAKS = {
    "a table is missing": "SELECT nothing FROM nowhere",
    "Postgres is away": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.mark.parametrize("statement", BREAKS.values(), ids=BREAKS.keys())
async def test_a_sweep_that_broke_is_not_the_last(
    easel: Easel, queue: Queue, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(recover, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(recover, "LONGEST_SECONDS", 0.01)
    broke = asyncio.Event()

    class Breaking(Recovery):
        """Meets an error at its first sweep."""

        async def overdue(self) -> list[str]:
            if not broke.is_set():
                broke.set()
                async with self._database.connection() as connection:
                    await connection.execute(statement)
            return await super().overdue()

    (task_id,) = await lost(easel, 1)
    easel.settings = easel.settings.model_copy(update={"lease_seconds": 0.1})
    sweeping = asyncio.create_task(recovering(easel, queue, Breaking).run(), name="recover")
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            while await easel.statuses(task_id) != ["pending", "generating", "pending"]:
                assert not sweeping.done()
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])
    assert broke.is_set()


async def test_what_stands_in_the_line_for_a_slot_is_not_handed_over_again(
    easel: Easel, queue: Queue, redis_url: str
) -> None:
    standing, forgotten = [(await easel.ask()).task_id for _ in range(2)]
    await _wait_long(easel.database)
    line = Line(easel.shared)
    async with line.standing(standing):
        async with asyncio.timeout(BOUND_SECONDS):
            while await line.stands([standing]) != [True]:
                pass
        await recovering(easel, queue)()
    async with Redis.from_url(redis_url) as redis:
        assert await redis.zrange(QUEUE, 0, -1) == [f"{forgotten}:2".encode()]
    await _wait_long(easel.database)
    await recovering(easel, queue)()
    async with Redis.from_url(redis_url) as redis:
        assert f"{standing}:2".encode() in await redis.zrange(QUEUE, 0, -1)
