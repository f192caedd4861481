"""A Redis that is there but freezes, drops what is published, or cuts its clients off."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from faults.hired import GO, HELD
from faults.leases import until_renewed
from faults.story import FINAL, StartApi, StartWorker, ids, metadata, statuses, until_final
from limner.embedded import ValkeyServer
from stage.reader import Event, Stream, watching

LATE = timedelta(seconds=5)
"""How late a transition may be that Redis did not carry."""
ONCE = ["pending", "generating", "completed"]


@asynccontextmanager
async def frozen(server: ValkeyServer) -> AsyncIterator[None]:
    """It says nothing for as long as the block runs, and keeps its connections."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


@asynccontextmanager
async def mute(redis: "Redis") -> AsyncIterator[None]:
    """Nobody may publish for as long as the block runs; everything else works."""
    await redis.acl_setuser("default", enabled=True, commands=["-publish"])
    try:
        yield
    finally:
        await redis.acl_setuser("default", enabled=True, commands=["+publish"])


async def _in_time(stream: Stream) -> Event:
    """The next status, which must not be later than what Redis did not carry may be."""
    event = await stream.next()
    late = datetime.now(UTC) - datetime.fromisoformat(str(event.json["at"]))
    assert late < LATE, event
    return event


async def test_a_redis_frozen_for_longer_than_a_lease_costs_no_attempt(
    api: StartApi, hired: StartWorker, own_valkey: ValkeyServer, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        (_, author), worker = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(hired())
        )
        plot_id = await author.plot()
        drawn, asked = [await author.character(plot_id, name) for name in (HELD, "Ada")]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        await author.draw(drawn)
        events = [await stream.next() for _ in range(2)]
        await stack.enter_async_context(hired())  # it would take what the other had lost
        async with frozen(own_valkey):
            async with asyncio.timeout(2):
                answer = await author.ask("POST", f"/api/characters/{asked}/image")
            assert answer.status == 202
            async with asyncio.timeout(2):
                ready = await author.ask("GET", "/readyz")
            assert (ready.status, ready.json["status"]) == (200, "degraded")
            events.append(await _in_time(stream))
            await until_renewed(database_url, after_seconds=1.5)  # the lease is 1 s
            worker.send(GO)
            events.append(await _in_time(stream))
            late = await stack.enter_async_context(
                watching(author.session, f"/api/plots/{plot_id}/events")
            )
            assert [(await late.next()).own_id for _ in range(2)] == ["3", "4"]
        events += await until_final(stream)
    assert ids(events) == [1, 2, 3, 4, 5, 6]
    assert [metadata(event)["attempt"] for event in events] == [0, 1, 0, 1, 1, 1]
    for character_id in (drawn, asked):
        own = [event for event in events if event.json["character_id"] == character_id]
        assert statuses(own) == ONCE


async def test_what_nobody_may_publish_reaches_the_reader_in_time(
    api: StartApi, worker: StartWorker, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        (server, author), drawer = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(worker())
        )
        plot_id = await author.plot()
        characters = [await author.character(plot_id, f"Nr. {number}") for number in range(10)]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        async with mute(redis):
            await asyncio.gather(*(author.draw(character_id) for character_id in characters))
            events = [await _in_time(stream) for _ in range(30)]
            for process in (server, drawer):
                await process.said("Redis did not take a message")
    assert ids(events) == list(range(1, 31))
    for character_id in characters:
        own = [event for event in events if event.json["character_id"] == character_id]
        assert statuses(own) == ONCE


async def test_clients_that_redis_cuts_off_in_a_burst_miss_nothing_and_lose_no_attempt(
    api: StartApi, worker: StartWorker, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        (_, author), _ = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(worker())
        )
        plot_id = await author.plot()
        characters = [await author.character(plot_id, f"Nr. {number}") for number in range(30)]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        asking = asyncio.gather(*(author.draw(character_id) for character_id in characters))
        events: list[Event] = []
        cut = {"pubsub": 0, "normal": 0}
        while sum(event.json["status"] in FINAL for event in events) < len(characters):
            events.append(await stream.next())
            if len(events) % 6 == 0:
                kind = ("pubsub", "normal")[len(events) // 6 % 2]
                cut[kind] += await redis.client_kill_filter(_type=kind, skipme=True)
        await asking
    assert min(cut.values()) >= 3, cut
    assert ids(events) == list(range(1, 91))
    for character_id in characters:
        own = [event for event in events if event.json["character_id"] == character_id]
        assert statuses(own) == ONCE
        assert metadata(own[-1])["attempt"] == 1
