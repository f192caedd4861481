"""Streams under uvicorn's own protocol, as `uvicorn limner.web.app:app` serves them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from stage.author import Author, session_of
from stage.process import Process, running
from stage.reader import watching
from stage.wire import connected, request
from stream.hand import Site
from stream.narrow import connected as narrowly

TESTS = Path(__file__).parents[1]


@asynccontextmanager
async def served(site: Site, **more: str) -> AsyncIterator[tuple[Process, Author]]:
    """The same site behind another server, and a client of it."""
    env = {**site.env, "PYTHONPATH": str(TESTS), **more}
    async with running("stream.hasty:app", "--port", "0", env=env, module="uvicorn") as process:
        url = str((await process.said("Uvicorn running on"))["event"]).split()[3]
        async with session_of(url) as session:
            yield process, Author(session, url)


async def test_it_begins_goes_on_and_says_that_it_lives(site: Site) -> None:
    async with served(site) as (process, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        await site.hand.draw(character_id)
        async with watching(
            author.session, f"/api/plots/{plot_id}/events", last_event_id=1
        ) as stream:
            assert 1000 <= await stream.greeted() <= 3000
            assert [(await stream.next()).own_id for _ in range(2)] == ["2", "3"]
            await stream.next("heartbeat")
            told = await site.hand.draw(character_id)
            await site.hand.tell(*told)
            assert [(await stream.next()).own_id for _ in told] == ["4", "5", "6"]
        async with watching(
            author.session, f"/api/characters/{character_id}/image/events"
        ) as stream:
            assert [event.own_id for event in await stream.rest()] == ["6"]
        answer = await author.ask("HEAD", f"/api/plots/{plot_id}/events")
        assert (answer.status, answer.raw) == (200, b"")
    assert not [line for line in process.raw if "ERROR" in line or "Traceback" in line]


async def test_it_ends_for_age_and_the_connection_stays_for_the_next_request(site: Site) -> None:
    async with served(site, LIMNER_STREAM_SECONDS="0.5") as (_, author):
        path = f"/api/plots/{await author.plot()}/events"
        async with connected(author.address) as wire:
            for _ in range(2):
                await wire.send(request("GET", path))
                reply = await wire.reply()  # with a proper end, or this would wait for more
                assert (reply.status, reply.header("Connection")) == (200, None)
                assert reply.raw.startswith(b"retry: ")


async def test_a_reader_who_reads_nothing_is_given_up(site: Site) -> None:
    async with served(site, PATIENCE_SECONDS="1") as (process, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id, description="🕯" * 4000)
        for _ in range(170):  # 8 MiB: more than the kernel takes for it
            await site.hand.draw(character_id)
        with narrowly(author.address) as reader:
            await reader.ask(f"/api/plots/{plot_id}/events?last_event_id=0")
            await process.said("Reset a stream that is not read", reader="unknown")
            try:
                while await reader.take(1024 * 1024):
                    pass
            except ConnectionResetError:
                pass
            assert not reader.taken.endswith(b"0\r\n\r\n"), "it is broken off, and not ended"
            assert reader.ids == list(range(1, len(reader.ids) + 1))
            assert 0 < len(reader.ids) < 510
        async with watching(
            author.session, f"/api/plots/{plot_id}/events", last_event_id=reader.ids[-1]
        ) as again:
            assert (await again.next()).own_id == str(reader.ids[-1] + 1)


async def test_who_leaves_makes_room_for_others(site: Site) -> None:
    async with served(site, LIMNER_MAX_STREAMS="1") as (_, author):
        path = f"/api/plots/{await author.plot()}/events"
        async with watching(author.session, path) as first:
            await first.greeted()
            async with watching(author.session, path) as second:
                assert await second.rest() == []
                assert (second.parser.retry_ms or 0) >= 5000
        async with asyncio.timeout(10):  # until it has been seen to leave
            while await _retry_ms(author.session, path) >= 5000:
                pass


async def _retry_ms(session: aiohttp.ClientSession, path: str) -> int:
    async with watching(session, path) as stream:
        return await stream.greeted()
