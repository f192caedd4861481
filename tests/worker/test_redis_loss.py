"""Workers while Redis dies, freezes or forgets: what they draw is drawn, and they go on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import accumulate
from pathlib import Path

import pytest
from redis.asyncio import Redis

from limner.embedded import ValkeyServer
from stage.author import Author
from stage.process import Process
from worker.start import drawn

StartApi = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
StartWorker = Callable[..., AbstractAsyncContextManager[Process]]


@pytest.fixture
async def mortal(tmp_path: Path, env: dict[str, str]) -> AsyncIterator[ValkeyServer]:
    """A Valkey that a test may kill, and that forgets everything then."""
    async with ValkeyServer(tmp_path / "mortal", {"appendonly": "no"}) as server:
        env["LIMNER_REDIS_URL"] = server.url
        yield server


async def test_a_worker_outlives_its_redis_and_goes_on_with_no_more_hands_than_it_has(
    api: StartApi, worker: StartWorker, mortal: ValkeyServer
) -> None:
    settings = {"LIMNER_WORKER_CONCURRENCY": "2", "LIMNER_AVATAR_SECONDS": "2"}
    async with api() as (_, author), worker(**settings) as process:
        plot_id = await author.plot()
        ada, bea, cid = [await author.character(plot_id, name) for name in ("Ada", "Bea", "Cid")]
        await author.draw(ada, provider="avatar")
        await process.said("Generating image with model", character="Ada")
        await mortal.kill()
        await process.said("Lost the queue")
        await mortal.start()
        finals = await drawn(author, bea, cid, provider="avatar")
        assert [final["status"] for final in finals] == ["completed", "completed"]
        assert (await author.status(ada))["status"] == "completed"
        assert await process.stop() == 0
    steps = {"Starting generation for": 1, "Done": -1}
    drawing = list(
        accumulate(
            step
            for line in process.lines
            for event, step in steps.items()
            if str(line["event"]).startswith(event)
        )
    )
    assert max(drawing) == 2
    assert drawing[-1] == 0
    assert "never retrieved" not in "\n".join(process.raw)
    assert "Traceback" not in "\n".join(process.raw)


async def test_a_worker_whose_redis_is_frozen_stops_when_it_is_told_to(
    api: StartApi, worker: StartWorker, mortal: ValkeyServer
) -> None:
    async with api() as (_, author), worker() as process:
        await drawn(author, await author.character(await author.plot()))
        assert mortal.pid is not None
        os.kill(mortal.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(12):  # its grace, if arq was just telling Redis of the job
                assert await process.stop() == 0
        finally:
            os.kill(mortal.pid, signal.SIGCONT)


async def test_a_worker_whose_redis_forgets_everything_goes_on(
    api: StartApi, worker: StartWorker, mortal: ValkeyServer
) -> None:
    async with api() as (_, author), worker() as process, Redis.from_url(mortal.url) as redis:
        for _ in range(3):
            await redis.flushall()
            await redis.client_kill_filter(_type="pubsub")
            (final,) = await drawn(author, await author.character(await author.plot()))
            assert final["status"] == "completed"
        assert await process.stop() == 0
