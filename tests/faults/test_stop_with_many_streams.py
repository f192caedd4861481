"""A server with a thousand readers is told to stop: all go on at another and miss nothing."""

import asyncio
import signal
from contextlib import AsyncExitStack

from faults.story import StartApi
from limner.bus.publish import open_bus
from limner.store.database import Database
from stage.crowd import Reader, crowd
from stream.hand import Hand

STREAMS = 1000
PLOTS = 20
STOP_SECONDS = 5.0
OPEN_SECONDS = 25.0
HASTE = 0.1
"""Which share of the one to three seconds that they are told readers wait here."""


async def _all_reach(readers: list[Reader], number: int) -> None:
    async with asyncio.timeout(OPEN_SECONDS):
        await asyncio.gather(*(reader.reaches(number) for reader in readers))


async def test_a_server_that_stops_ends_a_thousand_streams_and_their_readers_miss_nothing(
    api: StartApi, database: Database, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        (first, author), (second, _other) = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(api())
        )
        line = await second.said("Serving")
        hand = Hand(database, await stack.enter_async_context(open_bus(redis_url)))
        plots = [await author.plot() for _ in range(PLOTS)]
        cast = [await author.character(plot_id) for plot_id in plots]
        paths = [f"/api/plots/{plots[number % PLOTS]}/events" for number in range(STREAMS)]
        for character_id in cast:
            await hand.draw(character_id)
        readers = await stack.enter_async_context(crowd(author.address, paths, pace=HASTE))
        await _all_reach(readers.readers, 3)

        readers.address = str(line["address"])
        first.send(signal.SIGTERM)
        drawing = asyncio.gather(*(hand.draw(character_id) for character_id in cast))
        async with asyncio.timeout(STOP_SECONDS):
            assert await first.ended() == 0
        await drawing
        await _all_reach(readers.readers, 6)
        # one that finds Postgres too busy is sent away until later, and that is an end as well
        ended = [reader.ended - reader.sent_away for reader in readers.readers]
        assert ended == [1] * STREAMS, "all were ended properly"
        for character_id in cast:
            await hand.tell(*await hand.draw(character_id))
        await _all_reach(readers.readers, 9)
    assert {tuple(reader.ids) for reader in readers.readers} == {tuple(range(3, 10))}
    assert [reader.fault for reader in readers.readers if reader.fault] == []
    assert not [line for line in first.lines if line.get("level") in {"error", "critical"}]
