"""Streams while Redis is away: they open, and they live on what Postgres says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from limner.bus.publish import open_bus
from limner.embedded import ValkeyServer
from limner.store.database import Database
from stage.author import Author
from stage.process import Process
from stage.reader import watching
from stream.hand import Hand

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    """A Valkey that is there when the test begins and that it may kill; nothing outlives it."""
    server = ValkeyServer(tmp_path / "mortal", {"appendonly": "no"})
    async with server:
        yield server


async def test_streams_survive_a_redis_that_dies_and_comes_back_empty(
    api: Start, mortal: ValkeyServer, database: Database
) -> None:
    async with api(LIMNER_REDIS_URL=mortal.url) as (process, author), open_bus(mortal.url) as bus:
        hand = Hand(database, bus)
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
            await stream.greeted()
            await hand.tell(*await hand.draw(character_id))
            await stream.find(lambda event: event.own_id == "3")
            await mortal.kill()
            await process.said("Lost the subscription")
            await hand.draw(character_id)
            async with asyncio.timeout(5):
                assert [(await stream.next()).own_id for _ in range(3)] == ["4", "5", "6"]
            await mortal.start()
            await stream.greeted()
            pending = await hand.accept(character_id)
            async with asyncio.timeout(5):
                assert (await stream.next()).own_id == "7"
            # progress is carried by nothing but Redis: the subscription is there again
            async with asyncio.timeout(10):
                hinting = asyncio.create_task(_hint(hand, plot_id, character_id))
                assert (await stream.next("progress")).json["character_id"] == character_id
                hinting.cancel()
            await hand.tell((await hand.take(pending.task_id)).transition)
            assert (await stream.next()).own_id == "8"
        assert await process.stop() == 0


async def test_streams_open_and_live_with_no_redis_from_the_start(
    api: Start, tmp_path: Path
) -> None:
    nowhere = f"unix://{tmp_path}/nowhere.sock?db=0"
    async with api(LIMNER_REDIS_URL=nowhere) as (process, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        async with (
            watching(author.session, f"/api/plots/{plot_id}/events") as plot,
            watching(author.session, f"/api/characters/{character_id}/image/events") as character,
        ):
            await asyncio.gather(plot.greeted(), character.greeted())
            accepted = await author.draw(character_id)
            async with asyncio.timeout(5):
                assert (await plot.next()).json == accepted
                assert (await character.next()).json == accepted
            await author.ask("POST", f"/api/characters/{character_id}/image/cancel")
            async with asyncio.timeout(5):
                assert (await character.rest())[-1].json["status"] == "canceled"
                assert (await plot.next()).json["status"] == "canceled"
        assert await process.stop() == 0


async def _hint(hand: Hand, plot_id: str, character_id: str) -> None:
    while True:
        await hand.bus.hint(plot_id, {"character_id": character_id, "progress": 0.5})
