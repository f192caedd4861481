"""Servers that go and come back: what was accepted is drawn, and nobody's attempt is taken away."""

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import datetime

import asyncpg
from redis.asyncio import Redis

from faults.hired import GO, HELD
from faults.story import StartApi, StartWorker, ids, metadata, statuses, until_final
from limner.embedded import PostgresServer, ValkeyServer
from stage.process import BOUND_SECONDS, Process
from stage.reader import watching

ONCE = ["pending", "generating", "completed"]


async def _says(process: Process, event: str, times: int) -> None:
    """Wait until a process has said something so often from now on."""
    for _ in range(times):
        process.lines.clear()
        await process.said(event)


async def _until_renewed(url: str, count: int) -> None:
    """Wait until so many attempts have a lease that has not run out."""
    renewed = "SELECT count(*) FROM generations WHERE lease_until > clock_timestamp()"
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            while await connection.fetchval(renewed) < count:
                pass
    finally:
        await connection.close()


async def test_what_waits_in_a_redis_that_forgets_is_drawn_once(
    api: StartApi, worker: StartWorker, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        _, author = await stack.enter_async_context(api())
        plot_id = await author.plot()
        characters = [await author.character(plot_id, f"Nr. {number}") for number in range(50)]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        await asyncio.gather(*(author.draw(character_id) for character_id in characters))
        async with Redis.from_url(redis_url) as redis:
            assert await redis.zcard("limner:queue") == 50
            await redis.flushall()
        await stack.enter_async_context(worker(LIMNER_WORKER_CONCURRENCY="1"))
        events = await until_final(stream, 50)
    assert ids(events) == list(range(1, 151))
    for character_id in characters:
        own = [event for event in events if event.json["character_id"] == character_id]
        assert statuses(own) == ONCE
    first, last = (datetime.fromisoformat(str(events[at].json["at"])) for at in (50, -1))
    assert (last - first).total_seconds() < 50 * 0.25, "its one place was empty between two"


async def test_a_generation_asked_for_while_redis_is_away_is_drawn_when_it_is_back(
    api: StartApi, worker: StartWorker, own_valkey: ValkeyServer, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        (_, author), process = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(worker())
        )
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        await own_valkey.kill()
        try:
            await process.said("Lost the queue, will look for it again")
            asked = await author.ask("POST", f"/api/characters/{character_id}/image")
            assert asked.status == 202
        finally:
            await own_valkey.start()
        assert (await author.finished(character_id))["status"] == "completed"


async def test_a_generation_that_nobody_could_draw_in_time_has_failed(
    api: StartApi, hired: StartWorker
) -> None:
    nowhere = {"LIMNER_REDIS_URL": "unix:///nowhere/redis.sock"}
    async with AsyncExitStack() as stack:
        (_, author), _ = await asyncio.gather(
            stack.enter_async_context(api(**nowhere, LIMNER_DEADLINE_SECONDS="0.5")),
            stack.enter_async_context(hired(**nowhere)),
        )
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        final = await author.finished(character_id)
    assert (final["status"], final["error_code"]) == ("failed", "deadline_exceeded")
    assert (final["previous"], final["metadata"]["retryable"]) == ("pending", True)


async def test_a_worker_frozen_past_the_deadline_draws_for_nobody(
    api: StartApi, hired: StartWorker
) -> None:
    patient = {"LIMNER_DEADLINE_SECONDS": "1", "LIMNER_LEASE_SECONDS": "600"}
    async with AsyncExitStack() as stack:
        (_, author), frozen = await asyncio.gather(
            stack.enter_async_context(api(**patient)), stack.enter_async_context(hired(**patient))
        )
        character_id = await author.character(await author.plot(), HELD)
        await author.draw(character_id)
        await frozen.said("Generating image with model")
        frozen.send(signal.SIGSTOP)
        stack.callback(frozen.send, signal.SIGCONT)
        await stack.enter_async_context(hired(**patient))
        final = await author.finished(character_id)
        assert (final["status"], final["error_code"]) == ("failed", "deadline_exceeded")
        assert final["previous"] == "generating"
        frozen.send(GO)
        frozen.send(signal.SIGCONT)
        await frozen.said("Wrote nothing: this attempt has lost its lease")
        assert await author.status(character_id) == final


async def test_a_postgres_away_for_longer_than_a_lease_costs_no_attempt(
    api: StartApi, hired: StartWorker, own_postgres: PostgresServer
) -> None:
    away = {"LIMNER_DATABASE_URL": own_postgres.url, "LIMNER_WORKER_CONCURRENCY": "2"}
    async with AsyncExitStack() as stack:
        (_, author), early, late = await asyncio.gather(
            stack.enter_async_context(api(**away)),
            stack.enter_async_context(hired(**away)),
            stack.enter_async_context(hired(**away)),
        )
        plot_id = await author.plot()
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        characters = [await author.character(plot_id, HELD) for _ in range(4)]
        for character_id in characters:
            await author.draw(character_id)
        events = [await stream.next() for _ in range(2 * len(characters))]
        await own_postgres.kill()
        early.send(GO)  # these two are drawn while there is nobody to tell, the others later
        await asyncio.gather(
            *(_says(process, "Could not look for lost generations", 8) for process in (early, late))
        )
        await own_postgres.start()
        await _until_renewed(own_postgres.url, 2)
        late.send(GO)
        events += await until_final(stream, 4)
    assert ids(events) == list(range(1, 13))
    for character_id in characters:
        own = [event for event in events if event.json["character_id"] == character_id]
        assert statuses(own) == ONCE
        assert metadata(own[-1])["attempt"] == 1
