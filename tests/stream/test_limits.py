"""Streams are ended by the server: for age, for want of room, and because it stops."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import aiohttp
import asyncpg

from limner.bus.publish import open_bus
from limner.store.database import Database
from stage.author import Author
from stage.process import Process
from stage.reader import Stream, watching
from stage.wire import connected, request
from stream.hand import Hand

NOW, LATER = range(1000, 3001), range(5000, 15001)
"""When who is let in, and who is not, may come back: in milliseconds."""

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]


async def test_an_old_stream_is_ended_properly_and_nothing_is_missed_by_coming_back(
    api: Start,
) -> None:
    async with api(LIMNER_STREAM_SECONDS="1") as (_, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        path = f"/api/plots/{plot_id}/events"
        async with watching(author.session, path) as stream:
            await stream.greeted()
            await author.draw(character_id)
            assert [event.own_id for event in await stream.rest() if event.own_id] == ["1"]
        await author.ask("POST", f"/api/characters/{character_id}/image/cancel")
        async with watching(author.session, path, last_event_id=1) as stream:
            assert (await stream.next()).own_id == "2"


async def test_who_finds_no_room_is_sent_away_and_told_when_to_come_back(api: Start) -> None:
    async with api(LIMNER_MAX_STREAMS="2") as (_, author), AsyncExitStack() as stack:
        path = f"/api/plots/{await author.plot()}/events"
        base = author.session._base_url  # noqa: SLF001  # aiohttp keeps it to itself
        session = await stack.enter_async_context(
            aiohttp.ClientSession(base, connector=aiohttp.TCPConnector(limit=0))
        )
        async with AsyncExitStack() as crowd, asyncio.TaskGroup() as group:
            opening = [
                group.create_task(crowd.enter_async_context(watching(session, path)))
                for _ in range(100)
            ]
            for stream in [await task for task in opening]:
                assert stream.response.status == 200
                assert stream.response.content_type == "text/event-stream"
                await stream.greeted()
            away = [stream for stream in map(asyncio.Task.result, opening) if not _is_in(stream)]
            assert len(away) == 98
            for stream in away:
                assert await stream.rest() == []
                assert stream.parser.retry_ms in LATER
        async with asyncio.timeout(10):  # until the two have been seen to leave
            while not await _is_let_in(author, path):
                pass


async def _is_let_in(author: Author, path: str) -> bool:
    async with watching(author.session, path) as stream:
        await stream.greeted()
        return _is_in(stream)


def _is_in(stream: Stream) -> bool:
    return stream.parser.retry_ms in NOW


async def test_a_server_that_stops_ends_its_streams_at_once_and_properly(api: Start) -> None:
    async with api() as (process, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        paths = [f"/api/plots/{plot_id}/events", f"/api/characters/{character_id}/image/events"]
        async with AsyncExitStack() as stack:
            streams = [
                await stack.enter_async_context(watching(author.session, path))
                for path in paths * 20
            ]
            await asyncio.gather(*(stream.greeted() for stream in streams))
            process.send(signal.SIGTERM)
            async with asyncio.timeout(1):
                await asyncio.gather(*(stream.rest() for stream in streams))
            async with asyncio.timeout(5):
                assert await process.ended() == 0
    assert not [line for line in process.lines if line.get("level") in {"error", "critical"}]


async def test_a_reader_that_takes_nothing_does_not_hold_up_the_stop(
    api: Start, database: Database, redis_url: str
) -> None:
    async with api() as (process, author), open_bus(redis_url) as bus:
        plot_id = await author.plot()
        character_id = await author.character(plot_id, description="🕯" * 4000)
        for _ in range(120):  # 360 transitions of 16 KiB: more than any buffer on the way takes
            await Hand(database, bus).draw(character_id)
        loop = asyncio.get_running_loop()
        base = author.session._base_url  # noqa: SLF001  # as above
        assert base is not None
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.setblocking(False)
            await loop.sock_connect(reader, (base.host, base.port))
            path = f"/api/plots/{plot_id}/events?last_event_id=0"
            await loop.sock_sendall(reader, request("GET", path))
            taken = b""
            while b"event: status" not in taken:  # a page of the past is written at once
                taken += await loop.sock_recv(reader, 1)
            process.send(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await process.ended() == 0


async def test_a_stream_that_opens_while_the_server_stops_is_sent_away(
    api: Start, database_url: str
) -> None:
    async with api() as (process, author):
        path = f"/api/plots/{await author.plot()}/events"
        locker = await asyncpg.connect(database_url)
        transaction = locker.transaction()
        await transaction.start()
        await locker.execute("LOCK TABLE plots IN ACCESS EXCLUSIVE MODE")
        async with connected(str(author.session._base_url)) as wire:  # noqa: SLF001  # as above
            await wire.send(request("GET", path))
            await _until_waiting(locker)
            process.send(signal.SIGTERM)
            await process.said("Ending all streams")
            await transaction.rollback()
            await locker.close()
            reply = await wire.reply()
        async with asyncio.timeout(3):
            assert await process.ended() == 0
    assert reply.status == 200
    milliseconds = int(reply.raw.decode().removeprefix("retry: "))
    assert 5000 <= milliseconds <= 15000


async def test_streams_that_wait_for_the_same_read_are_sent_away_together(
    api: Start, database_url: str
) -> None:
    async with api() as (_, author):
        path = f"/api/plots/{await author.plot()}/events"
        locker = await asyncpg.connect(database_url)
        async with locker.transaction(), AsyncExitStack() as stack:
            await locker.execute("LOCK TABLE characters IN ACCESS EXCLUSIVE MODE")
            wires = [await stack.enter_async_context(connected(author.address)) for _ in range(6)]
            for wire in wires:
                await wire.send(request("GET", path))
            await author.ask("GET", "/readyz")
            await _until_waiting(locker)
            ended = await locker.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
            )
            async with asyncio.timeout(2):
                replies = await asyncio.gather(*(wire.reply() for wire in wires))
        await locker.close()
    assert len(ended) == 1, "one question for all"
    assert {reply.status for reply in replies} == {200}
    assert all(int(reply.raw.decode().removeprefix("retry: ")) in LATER for reply in replies)


async def _until_waiting(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Until somebody waits for the lock that this connection holds."""
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            pass
