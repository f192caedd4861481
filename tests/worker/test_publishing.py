"""Publishing: in order, together, and never waited for longer than a second."""

import asyncio
import os
import signal

import pytest
from redis.asyncio import Redis

from limner.bus import publish
from limner.bus.publish import PATIENCE_SECONDS, open_bus
from limner.embedded import ValkeyServer
from stage.process import BOUND_SECONDS
from stream.memory import transition

MANY = 300


async def test_what_is_ready_together_goes_out_together_and_in_its_order(redis_url: str) -> None:
    async with (
        open_bus(redis_url) as bus,
        Redis.from_url(redis_url) as redis,
        redis.pubsub() as wire,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe("limner:hint:plot")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        assert await bus.hint("plot", {"number": -1})
        before = (await redis.info("stats"))["total_reads_processed"]
        told = await asyncio.gather(*(bus.hint("plot", {"number": n}) for n in range(MANY)))
        reads = (await redis.info("stats"))["total_reads_processed"] - before
        heard = [(await anext(wire.listen()))["data"] for _ in range(MANY + 1)]
    assert told == [True] * MANY
    assert heard == [b'{"number":%d}' % number for number in range(-1, MANY)]
    assert reads < MANY / 10, "a round trip for each"


async def test_one_who_may_not_publish_here_is_told_so_and_the_others_are_not_kept(
    redis_url: str,
) -> None:
    async with open_bus(redis_url) as bus, Redis.from_url(redis_url) as redis:
        await redis.acl_setuser("default", enabled=True, reset_channels=True, channels=["*:yes"])
        try:
            told = await asyncio.gather(*(bus.hint(plot, {}) for plot in ("yes", "no", "yes")))
        finally:
            await redis.acl_setuser("default", enabled=True, channels=["*"])
    assert told == [True, False, True]


async def test_a_redis_that_is_frozen_keeps_nobody_and_has_the_rest_when_it_is_back(
    redis_url: str, own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "MESSAGES", 6)
    assert own_valkey.pid is not None
    async with open_bus(redis_url) as bus, asyncio.timeout(BOUND_SECONDS):
        assert await bus.hint("plot", {})
        os.kill(own_valkey.pid, signal.SIGSTOP)
        try:
            began = asyncio.get_running_loop().time()
            stuck = asyncio.create_task(bus.hint("plot", {}))
            await asyncio.wait([stuck], timeout=0.1)  # it is on its way, and the others wait
            waiting = [asyncio.create_task(bus.hint("plot", {})) for _ in range(5)]
            await asyncio.wait(waiting, timeout=0.1)
            assert not any(task.done() for task in waiting)
            assert await bus.hint("plot", {}) is False, "one too many"
            assert not any(task.done() for task in (stuck, *waiting)), (
                "of which others know nothing"
            )
            assert asyncio.get_running_loop().time() < began + PATIENCE_SECONDS
            assert await asyncio.gather(stuck, *waiting) == [False] * 6
            assert asyncio.get_running_loop().time() < began + 2 * PATIENCE_SECONDS
        finally:
            os.kill(own_valkey.pid, signal.SIGCONT)
        assert await bus.hint("plot", {})


async def test_a_connection_that_was_cut_is_made_again_with_the_next_message(
    redis_url: str,
) -> None:
    async with (
        open_bus(redis_url) as bus,
        Redis.from_url(redis_url) as redis,
        asyncio.timeout(BOUND_SECONDS),
    ):
        for _ in range(3):
            while not await bus.hint("plot", {}):
                pass
            await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        assert await asyncio.gather(*(bus.hint("plot", {}) for _ in range(MANY))) == [True] * MANY


async def test_who_leaves_while_redis_is_silent_takes_no_answer_from_others(
    redis_url: str, own_valkey: ValkeyServer
) -> None:
    assert own_valkey.pid is not None
    async with open_bus(redis_url) as bus, asyncio.timeout(BOUND_SECONDS):
        assert await bus.hint("plot", {})
        os.kill(own_valkey.pid, signal.SIGSTOP)
        leaving = asyncio.create_task(bus.hint("plot", {}))
        await asyncio.wait([leaving], timeout=0.05)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        staying = asyncio.create_task(bus.status(transition(1)))
        await asyncio.wait([staying], timeout=0.05)
        os.kill(own_valkey.pid, signal.SIGCONT)
        assert await staying
