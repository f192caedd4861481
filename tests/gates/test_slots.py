"""So many orders at a time, over all workers, and whoever waits has a turn."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from limner.gates import slots as module
from limner.gates.shared import Shared, open_shared
from limner.gates.slots import Slots


def provider() -> str:
    """One that no other test knows."""
    return f"provider {uuid4()}"


async def test_two_workers_together_hold_no_more_than_there_are(redis_url: str) -> None:
    name, most, now, full = provider(), 0, 0, asyncio.Event()

    async def order(slots: Slots, number: int) -> None:
        nonlocal most, now
        async with slots.held(f"task {number}"):
            now += 1
            most = max(most, now)
            if now == 3:
                full.set()
            await full.wait()
            now -= 1

    async with open_shared(redis_url) as first, open_shared(redis_url) as second:
        workers = [Slots(shared, name, 3) for shared in (first, second)]
        async with asyncio.timeout(30):
            await asyncio.gather(*(order(workers[n % 2], n) for n in range(40)))
    assert (most, now) == (3, 0)


async def test_who_waits_gets_what_another_worker_frees(redis_url: str) -> None:
    name = provider()
    async with open_shared(redis_url) as first, open_shared(redis_url) as second:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(Slots(first, name, 1).held("one"))
            waiting = asyncio.create_task(_held(Slots(second, name, 1), "two"))
            assert not (await asyncio.wait([waiting], timeout=2 * module.LOOK_SECONDS))[0]
        await _soon(waiting)


async def test_within_one_worker_they_come_in_the_order_in_which_they_asked(
    shared: Shared,
) -> None:
    slots, came = Slots(shared, provider(), 1), []

    async def come(number: int) -> None:
        async with slots.held(f"task {number}"):
            came.append(number)

    async with slots.held("first"):
        tasks = [asyncio.create_task(come(number)) for number in range(5)]
        await asyncio.sleep(0)
        tasks[1].cancel()
    await _soon(asyncio.gather(*tasks, return_exceptions=True))
    assert came == [0, 2, 3, 4]


async def test_a_generation_that_holds_one_needs_no_second(shared: Shared) -> None:
    slots = Slots(shared, provider(), 1)
    async with slots.held("one"):
        async with slots.held("one"):
            pass
        other = asyncio.create_task(_held(slots, "two"))
        assert not (await asyncio.wait([other], timeout=2 * module.LOOK_SECONDS))[0]
    await _soon(other)


async def test_two_workers_that_were_told_of_the_same_do_not_free_each_others(
    redis_url: str,
) -> None:
    name = provider()
    async with open_shared(redis_url) as first, open_shared(redis_url) as second:
        one, other = Slots(first, name, 2), Slots(second, name, 2)
        async with one.held("the same"):
            await _soon(_held(other, "the same"))
            async with other.held("another"):
                waiting = asyncio.create_task(_held(other, "a third"))
                assert not (await asyncio.wait([waiting], timeout=2 * module.LOOK_SECONDS))[0]
        await _soon(waiting)


async def test_the_slot_of_a_killed_worker_is_free_after_its_time(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOLD_SECONDS", 0.2)
    name = provider()
    async with Slots(shared, name, 1).held("one"):  # which is not renewed within 0.2 s
        await _soon(_held(Slots(shared, name, 1), "two"))


async def test_a_slot_is_kept_for_as_long_as_its_worker_lives(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOLD_SECONDS", 0.6)
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.1)
    name = provider()
    async with Slots(shared, name, 1).held("one"):
        waiting = asyncio.create_task(_held(Slots(shared, name, 1), "two"))
        assert not (await asyncio.wait([waiting], timeout=1.5))[0]
    await _soon(waiting)


async def test_a_redis_that_forgot_is_told_again_of_what_is_held(
    shared: Shared, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.05)
    name = provider()
    async with Slots(shared, name, 1).held("one"), Redis.from_url(redis_url) as client:
        await client.delete(f"limner:slots:{name}")
        async with asyncio.timeout(10):
            while not await client.zcard(f"limner:slots:{name}"):
                pass


async def test_without_redis_nobody_gets_one_and_with_it_they_do(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shared("redis://127.0.0.1:1") as away:
        slots = Slots(away, provider(), 1)
        waiting = asyncio.create_task(_held(slots, "one"))
        assert not (await asyncio.wait([waiting], timeout=2 * module.LOOK_SECONDS))[0]
        monkeypatch.setattr(slots, "_shared", shared)
        await _soon(waiting)


async def _held(slots: Slots, task_id: str) -> None:
    async with slots.held(task_id):
        pass


async def _soon(awaited: Awaitable[object]) -> None:
    async with asyncio.timeout(10):
        await awaited
