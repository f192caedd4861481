"""A provider that keeps failing is left alone for a while, by everybody, and then tried by one."""

import asyncio
from uuid import uuid4

import pytest

from limner.gates.breakers import FAILURES, Breakers
from limner.gates.shared import Shared, open_shared

MINUTES = 600.0


@pytest.fixture
def provider() -> str:
    """One that no other test knows."""
    return f"provider {uuid4()}"


async def _fail(breakers: Breakers, provider: str, times: int) -> None:
    for _ in range(times):
        await breakers.failed(provider)


async def _until_it_may_be_asked(breakers: Breakers, provider: str) -> None:
    async with asyncio.timeout(10):
        while await breakers.wait_seconds(provider):
            pass


async def test_five_failures_in_a_row_and_all_workers_leave_it_alone(
    redis_url: str, provider: str
) -> None:
    async with open_shared(redis_url) as first, open_shared(redis_url) as second:
        one, other = Breakers(first), Breakers(second)
        await _fail(one, provider, FAILURES - 1)
        assert await other.wait_seconds(provider) == 0
        await other.failed(provider)
        for breakers in (one, other):
            assert 29 < await breakers.wait_seconds(provider) <= 30
            assert await breakers.is_alone(provider)
        assert await one.wait_seconds("another provider") == 0


async def test_an_answer_in_between_means_that_it_works(shared: Shared, provider: str) -> None:
    breakers = Breakers(shared)
    await _fail(breakers, provider, FAILURES - 1)
    await breakers.answered(provider)
    await _fail(breakers, provider, FAILURES - 1)
    assert await breakers.wait_seconds(provider) == 0


async def test_failures_that_are_far_apart_do_not_count(
    shared: Shared, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner.gates.breakers.WITHIN_SECONDS", -1.0)
    breakers = Breakers(shared)
    await _fail(breakers, provider, 2 * FAILURES)
    assert await breakers.wait_seconds(provider) == 0


async def test_after_its_time_one_may_try_and_nobody_else(shared: Shared, provider: str) -> None:
    await _fail(Breakers(shared, alone_seconds=0.05), provider, FAILURES)
    breakers = Breakers(shared, alone_seconds=MINUTES)
    await _until_it_may_be_asked(breakers, provider)
    assert 0 < await breakers.wait_seconds(provider) <= MINUTES
    assert await breakers.is_alone(provider)


async def test_what_becomes_of_the_one_decides_for_all(shared: Shared, provider: str) -> None:
    quick, breakers = Breakers(shared, alone_seconds=0.05), Breakers(shared, alone_seconds=MINUTES)
    await _fail(quick, provider, FAILURES)
    await _until_it_may_be_asked(quick, provider)
    await breakers.failed(provider)
    assert await breakers.wait_seconds(provider) > MINUTES / 2, "one failure is enough now"
    await breakers.answered(provider)
    assert await breakers.wait_seconds(provider) == 0
    await _fail(breakers, provider, FAILURES - 1)
    assert await breakers.wait_seconds(provider) == 0, "what was is forgotten"


async def test_asking_whether_it_is_alone_takes_nobodys_turn(shared: Shared, provider: str) -> None:
    await _fail(Breakers(shared, alone_seconds=0.05), provider, FAILURES)
    breakers = Breakers(shared, alone_seconds=MINUTES)
    async with asyncio.timeout(10):
        while await breakers.is_alone(provider):
            pass
    assert await breakers.wait_seconds(provider) == 0


async def test_without_redis_nobody_is_left_alone(provider: str) -> None:
    async with open_shared("redis://127.0.0.1:1") as away:
        breakers = Breakers(away)
        await _fail(breakers, provider, FAILURES)
        assert await breakers.wait_seconds(provider) == 0
        assert not await breakers.is_alone(provider)
        await breakers.answered(provider)
