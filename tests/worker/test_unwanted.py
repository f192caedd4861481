"""Drawings that nobody wants any more: their worker stops at once, and its place is free.

Its leases last so long here that no renewal by the clock comes within a test.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from limner.flows.lease import LeaseKeeper, LeaseLostError
from limner.store.database import open_database
from limner.store.leases import Leases
from limner.store.ledger import Ledger
from stage.author import Author
from stage.process import Process
from worker.easel import Easel
from worker.start import drawn, started

StartWorker = Callable[..., AbstractAsyncContextManager[Process]]
ENDLESS = {"LIMNER_LEASE_SECONDS": "600", "LIMNER_AVATAR_SECONDS": "600"}
PROMPT_SECONDS = 10.0
"""Far less than until the first renewal, and enough for processes that share a core with many."""


async def _wanted(author: Author, name: str = "Dursley", plot_id: str | None = None) -> str:
    """A character whose drawing takes for ever."""
    character_id = await author.character(plot_id or await author.plot(), name)
    await author.draw(character_id, provider="avatar")
    return character_id


async def _cancel(author: Author, character_id: str) -> None:
    answer = await author.ask("POST", f"/api/characters/{character_id}/image/cancel")
    assert answer.status == 200, answer


@pytest.fixture
async def busy(worker: StartWorker) -> AsyncIterator[Process]:
    """A worker with one place."""
    async with worker(**ENDLESS, LIMNER_WORKER_CONCURRENCY="1") as process:
        yield process


async def _unwanted(author: Author, character_id: str, way: str) -> None:
    character = (await author.ask("GET", f"/api/characters/{character_id}")).json
    match way:
        case "canceled":
            await _cancel(author, character_id)
        case "character":
            await author.ask("DELETE", f"/api/characters/{character_id}")
        case "plot":
            await author.ask("DELETE", f"/api/plots/{character['plot_id']}")


@pytest.mark.parametrize("way", ["canceled", "character", "plot"])
async def test_what_is_canceled_or_deleted_is_drawn_no_further_and_the_next_has_its_place(
    author: Author, busy: Process, way: str
) -> None:
    character_id = await _wanted(author, "Dursley")
    await busy.said("Generating image with model", character="Dursley")
    waiting = await author.character(await author.plot(), "Petunia")
    await author.draw(waiting)
    async with asyncio.timeout(PROMPT_SECONDS):
        await _unwanted(author, character_id, way)
        await busy.said("Stopped drawing", character="Dursley")
        await busy.said("Done", character="Petunia")
    assert (await author.status(waiting))["status"] == "completed"


async def test_what_is_canceled_while_it_waits_is_never_begun(
    author: Author, busy: Process
) -> None:
    first = await _wanted(author, "Dursley")
    await busy.said("Generating image with model", character="Dursley")
    second = await _wanted(author, "Petunia")
    await _cancel(author, second)
    await _cancel(author, first)
    await drawn(author, await author.character(await author.plot(), "Harry"))
    await busy.said("Done", character="Harry")
    assert "Starting generation for Petunia" not in [line["event"] for line in busy.lines]


async def test_fifty_are_canceled_at_once_and_their_neighbours_are_drawn_on(
    author: Author, worker: StartWorker
) -> None:
    plot_id = await author.plot()
    names = [f"Mara {number}" for number in range(51)]
    async with worker(**ENDLESS, LIMNER_WORKER_CONCURRENCY="51") as process:
        cast = await asyncio.gather(*(_wanted(author, name, plot_id) for name in names))
        for name in names:
            await process.said("Generating image with model", character=name)
        await asyncio.gather(*(_cancel(author, one) for one in cast[:-1]))
        for name in names[:-1]:
            await process.said("Stopped drawing", character=name)
        assert (await author.status(cast[-1]))["status"] == "generating"
        await _cancel(author, cast[-1])
        await process.said("Stopped drawing", character=names[-1])
        assert not [line for line in process.lines if line["level"] == "error"]


async def test_a_cancellation_that_redis_did_not_carry_is_found_after_the_gap(
    author: Author, busy: Process, env: dict[str, str]
) -> None:
    character_id = await _wanted(author)
    await busy.said("Generating image with model")
    task_id = str((await author.status(character_id))["task_id"])
    async with (
        open_database(env["LIMNER_DATABASE_URL"], connections=1) as database,
        Redis.from_url(env["LIMNER_REDIS_URL"]) as redis,
    ):
        assert await Ledger(database).cancel(task_id, move=str(uuid4()))
        await redis.client_kill_filter(_type="pubsub")
        await busy.said("Stopped drawing")


async def test_arqs_own_worker_hears_of_it_as_well(author: Author, env: dict[str, str]) -> None:
    command = [str(Path(sys.executable).parent / "arq"), "limner.worker.WorkerSettings"]
    async with started(*command, env={**env, **ENDLESS}) as process:
        character_id = await _wanted(author)
        await process.said("Generating image with model")
        await _cancel(author, character_id)
        await process.said("Stopped drawing")
        assert await process.stop() == 0


@pytest.mark.parametrize("what", ["canceled", "gap"])
async def test_what_is_told_while_a_generation_is_being_taken_is_not_missed(
    easel: Easel, what: str
) -> None:
    keeper = LeaseKeeper(Leases(easel.database), lease_seconds=600)
    task_id = (await easel.ask()).task_id
    since = asyncio.get_running_loop().time()
    taken = await easel.ledger.take(task_id, token=str(uuid4()), lease_seconds=600)
    canceled = await easel.ledger.cancel(task_id, move=str(uuid4()))
    assert taken is not None
    assert canceled is not None
    if what == "gap":
        keeper.on_gap()
    else:
        keeper.on_canceled(easel.plot_id)
    with pytest.raises(LeaseLostError):
        async with asyncio.timeout(PROMPT_SECONDS), keeper.keeping(taken, since=since):
            await asyncio.Event().wait()


async def test_what_is_canceled_in_other_plots_costs_no_renewal(
    easel: Easel, database_url: str
) -> None:
    keeper = LeaseKeeper(Leases(easel.database), lease_seconds=600)
    task_id = (await easel.ask()).task_id
    taken = await easel.ledger.take(task_id, token=str(uuid4()), lease_seconds=600)
    assert taken is not None
    before = await _lease_until(database_url, task_id)
    async with keeper.keeping(taken, since=asyncio.get_running_loop().time()):
        keeper.on_canceled(str(uuid4()))
        for _ in range(20):
            await asyncio.sleep(0)
        await easel.database.check()
        assert await _lease_until(database_url, task_id) == before
        keeper.on_canceled(easel.plot_id)
        async with asyncio.timeout(PROMPT_SECONDS):
            while await _lease_until(database_url, task_id) == before:
                pass


async def _lease_until(database_url: str, task_id: str) -> object:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetchval(
            "SELECT lease_until FROM generations WHERE id = $1", task_id
        )
    finally:
        await connection.close()
