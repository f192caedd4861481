"""Being stopped, or overtaken, at any moment of a drawing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.status import Status
from limner.providers.base import Order, Picture, Ticket
from worker.easel import Draw, Easel, Painter, blank, failing

PENDING, GENERATING, COMPLETED = Status.PENDING, Status.GENERATING, Status.COMPLETED
COMMITS_WAIT = """
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(7);
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON transitions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
"""
"""From here on a commit waits for whoever holds the lock 7."""


class Slow:
    """A drawing that says when it has begun and ends when it is told to."""

    def __init__(self, draw: Draw = blank) -> None:
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self._draw = draw

    async def __call__(self, order: Order, ticket: Ticket) -> Picture:
        self.began.set()
        await self.may_end.wait()
        return await self._draw(order, ticket)


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_worker_that_is_stopped_returns_what_it_draws(easel: Easel, redis_url: str) -> None:
    task_id = (await easel.ask()).task_id
    slow = Slow()
    drawing = asyncio.create_task(easel.drawing(Painter(slow))(task_id))
    await slow.began.wait()
    await _stopped(drawing)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.last_error) == (PENDING, "The worker was stopped while drawing.")
    async with Redis.from_url(redis_url) as redis:
        assert await redis.zrange("limner:queue", 0, -1) == [f"{task_id}:2".encode()]
    await easel.drawing(Painter(blank))(task_id)
    assert (await easel.statuses(task_id))[-1] is COMPLETED


async def test_a_worker_that_is_stopped_at_the_last_attempt_says_why_it_failed(
    easel: Easel,
) -> None:
    task_id = (await easel.ask(max_attempts=1)).task_id
    slow = Slow()
    drawing = asyncio.create_task(easel.drawing(Painter(slow))(task_id))
    await slow.began.wait()
    await _stopped(drawing)
    last = (await easel.history(task_id))[-1]
    assert (last.status, last.error_code) == (Status.FAILED, ErrorCode.WORKER_LOST)


@asynccontextmanager
async def _locked(
    database_url: str, plot_id: str
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Nothing moves in a plot for as long as the block runs."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM plots WHERE id = $1 FOR UPDATE", plot_id)
            yield connection
    finally:
        await connection.close()


async def _until_waiting(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            pass


async def test_a_worker_stopped_while_it_writes_down_the_end_writes_it(
    easel: Easel, database_url: str
) -> None:
    refusal = DrawingError(ErrorCode.CONTENT_POLICY, "The provider refused.")
    for draw, end in ((blank, COMPLETED), (failing(refusal), Status.FAILED)):
        task_id = (await easel.ask()).task_id
        slow = Slow(draw)
        drawing = asyncio.create_task(easel.drawing(Painter(slow))(task_id))
        await slow.began.wait()
        async with _locked(database_url, easel.plot_id) as locker:
            slow.may_end.set()
            await _until_waiting(locker)
            drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
        assert await easel.statuses(task_id) == [PENDING, GENERATING, end]


async def test_a_worker_stopped_while_it_takes_leaves_nothing_taken(
    easel: Easel, database_url: str
) -> None:
    task_id = (await easel.ask()).task_id
    painter = Painter(blank)
    async with _locked(database_url, easel.plot_id) as locker:
        drawing = asyncio.create_task(easel.drawing(painter)(task_id))
        await _until_waiting(locker)
        drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert (await easel.statuses(task_id))[-1] is PENDING
    await easel.drawing(painter)(task_id)
    assert (await easel.statuses(task_id))[-1] is COMPLETED


async def test_a_worker_stopped_before_it_knows_that_it_has_taken_returns_it(
    easel: Easel, database_url: str
) -> None:
    task_id = (await easel.ask()).task_id
    connection = await asyncpg.connect(database_url)
    await connection.execute(COMMITS_WAIT)
    await connection.execute("SELECT pg_advisory_lock(7)")
    drawing = asyncio.create_task(easel.drawing(Painter(blank))(task_id))
    await _until_waiting(connection)
    drawing.cancel()
    await connection.execute("SELECT pg_advisory_unlock(7)")
    with pytest.raises(asyncio.CancelledError):
        await drawing
    await connection.close()
    statuses = await easel.statuses(task_id)
    assert statuses in ([PENDING], [PENDING, GENERATING, PENDING]), "called off, or returned"


async def test_a_worker_stopped_at_any_moment_leaves_a_generation_that_waits_or_is_drawn(
    easel: Easel,
) -> None:
    async def stopped_after(steps: int) -> tuple[int, list[Status]]:
        """What came of a drawing that was stopped after so many turns of the event loop."""
        task_id = (await easel.ask()).task_id
        drawing = asyncio.create_task(easel.drawing(Painter(blank))(task_id))
        turns = 0
        while turns < steps and not drawing.done():
            await asyncio.wait([drawing], timeout=0)
            turns += 1
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
        return turns, await easel.statuses(task_id)

    await stopped_after(1_000_000)  # the first is slower than all others
    whole, statuses = await stopped_after(1_000_000)
    assert statuses[-1] is COMPLETED
    ends = set()
    for steps in count(0, max(whole // 30, 1)):
        turns, statuses = await stopped_after(steps)
        assert statuses[-1] in {PENDING, COMPLETED}, (steps, statuses)
        ends.add(tuple(statuses))
        if turns < steps:
            break  # it was done before it could be stopped
    assert len(ends) > 2, "it was stopped before, while and after"


async def test_who_loses_the_lease_stops_and_writes_nothing(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    slow = Slow()
    drawing = asyncio.create_task(easel.drawing(Painter(slow), lease_seconds=0.2)(task_id))
    await slow.began.wait()
    await easel.ledger.cancel(task_id, move=str(uuid4()))
    async with asyncio.timeout(5):
        await drawing
    assert await easel.statuses(task_id) == [PENDING, GENERATING, Status.CANCELED]


async def test_who_finishes_after_the_lease_was_lost_writes_nothing(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    slow = Slow()
    drawing = asyncio.create_task(easel.drawing(Painter(slow), lease_seconds=600)(task_id))
    await slow.began.wait()
    await easel.ledger.cancel(task_id, move=str(uuid4()))
    slow.may_end.set()
    await drawing
    assert await easel.statuses(task_id) == [PENDING, GENERATING, Status.CANCELED]


async def test_losing_the_lease_and_being_stopped_at_once_is_being_stopped(easel: Easel) -> None:
    task_id = (await easel.ask()).task_id
    began = asyncio.Event()

    async def stopped_too(_order: Order, _ticket: Ticket) -> Picture:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            drawing.cancel()  # by the worker, in the moment in which it hears of the lost lease
        raise AssertionError

    drawing = asyncio.create_task(easel.drawing(Painter(stopped_too), lease_seconds=0.2)(task_id))
    await began.wait()
    await easel.ledger.cancel(task_id, move=str(uuid4()))
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert (await easel.statuses(task_id))[-1] is Status.CANCELED


async def test_a_long_drawing_keeps_its_lease(easel: Easel, database_url: str) -> None:
    task_id = (await easel.ask()).task_id
    slow = Slow()
    drawing = asyncio.create_task(easel.drawing(Painter(slow), lease_seconds=0.3)(task_id))
    await slow.began.wait()
    connection = await asyncpg.connect(database_url)
    async with asyncio.timeout(5):
        first = await connection.fetchval("SELECT lease_until FROM generations")
        for _ in range(3):
            while (
                newest := await connection.fetchval("SELECT lease_until FROM generations")
            ) == first:
                pass
            assert newest > first
            first = newest
    await connection.close()
    slow.may_end.set()
    await drawing
    assert (await easel.statuses(task_id))[-1] is COMPLETED
