"""A stream takes its connection over: what else may come on it, and that nothing of it stays."""

import asyncio
import gc
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from itertools import count

import asyncpg
import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from limner.bus.publish import open_bus
from limner.bus.topic import Topic
from limner.resources import open_resources
from limner.settings import load
from limner.store.database import Database
from limner.web.app import create_app
from limner.web.direct import DirectOutlet
from limner.web.stream import Stream
from limner.web.wire import WireProtocol
from stage.author import Author, session_of
from stage.process import BOUND_SECONDS
from stage.wire import Wire, connected, request
from stream import narrow
from stream.hand import Hand, Site
from stream.wired import turn

KEPT = {Stream, DirectOutlet, Topic, WireProtocol, RequestResponseCycle}
"""What there is for each stream, and for its request."""
RESET = struct.pack("ii", 1, 0)


async def _status_of(chunks: AsyncIterator[bytes]) -> bytes:
    """The next status event; heartbeats in between are left out."""
    async with asyncio.timeout(BOUND_SECONDS):
        return await anext(chunk async for chunk in chunks if chunk.startswith(b"id: "))


async def _assert_streams(wire: Wire, hand: Hand, character_id: str, seq: int) -> None:
    """Its answer is a stream, which goes on when something happens."""
    status, fields = await wire.head()
    assert (status, dict(fields)["transfer-encoding"]) == (200, "chunked")
    chunks = wire.chunks()
    assert (await anext(chunks)).startswith(b"retry: ")
    await hand.tell(await hand.accept(character_id))
    assert (await _status_of(chunks)).startswith(b"id: %d\n" % seq)


@pytest.mark.parametrize("is_late", [False, True])
async def test_what_is_asked_behind_a_stream_is_not_answered_and_breaks_nothing(
    site: Site, author: Author, hand: Hand, *, is_late: bool
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    asking, more = request("GET", f"/api/plots/{plot_id}/events"), request("GET", "/healthz") * 3
    address = str((await site.process.said("Serving"))["address"])
    async with connected(address) as wire:
        await wire.send(asking if is_late else asking + more)
        status, fields = await wire.head()
        assert (status, dict(fields)["connection"]) == (200, "close")
        chunks = wire.chunks()
        assert (await anext(chunks)).startswith(b"retry: ")
        if is_late:
            await wire.send(more)
        told = await hand.draw(character_id)
        await hand.tell(*told)
        for one in told:
            assert (await _status_of(chunks)).startswith(b"id: %d\n" % one.seq)
        await author.ask("DELETE", f"/api/plots/{plot_id}")
        rest = [chunk async for chunk in chunks]
        assert not [chunk for chunk in rest if b"HTTP/1.1" in chunk]
        assert await wire.reader.read() == b"", "the connection ends with the stream"
    assert not [line for line in site.process.lines if line.get("level") == "error"]


async def test_a_stream_may_come_behind_other_requests_and_behind_a_head_request(
    site: Site, author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    path = f"/api/plots/{plot_id}/events"
    address = str((await site.process.said("Serving"))["address"])
    async with connected(address) as wire:
        await wire.send(
            request("GET", "/healthz") + request("HEAD", path) + request("GET", "/healthz")
        )
        for method in ("GET", "HEAD", "GET"):
            assert (await wire.reply(to=method)).status == 200
        await wire.send(request("GET", "/healthz") + request("GET", path))
        assert (await wire.reply()).status == 200
        await _assert_streams(wire, hand, character_id, 1)


async def test_a_client_of_the_older_protocol_is_streamed_to_as_well(
    site: Site, author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    asking = request("GET", f"/api/plots/{plot_id}/events").replace(b" HTTP/1.1", b" HTTP/1.0", 1)
    async with connected(str((await site.process.said("Serving"))["address"])) as wire:
        await wire.send(asking)
        await _assert_streams(wire, hand, character_id, 1)


async def test_a_body_that_never_comes_does_not_hold_a_stream_back(
    site: Site, author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    asking = request("GET", f"/api/plots/{plot_id}/events", Content_Length="1000")
    async with connected(str((await site.process.said("Serving"))["address"])) as wire:
        await wire.send(asking)
        await _assert_streams(wire, hand, character_id, 1)


@pytest.fixture
async def here(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Author, Callable[[], list[object]]]]:
    """A client of an API in this process, and what this process keeps for streams."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(load()))
        config = uvicorn.Config(
            create_app(resources), http=WireProtocol, ws="none", lifespan="on", log_config=None
        )
        address = await stack.enter_async_context(_serving(config))
        session = await stack.enter_async_context(session_of(address))
        others = {id(each): each for each in gc.get_objects() if type(each) in KEPT}

        def kept() -> list[object]:
            found = [each for each in gc.get_objects() if type(each) in KEPT]
            return [each for each in found if id(each) not in others]

        yield Author(session, address), kept


@asynccontextmanager
async def _serving(config: uvicorn.Config) -> AsyncIterator[str]:
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            async with asyncio.timeout(BOUND_SECONDS):
                await server.shutdown()


async def _until_nothing_is_kept(author: Author, kept: Callable[[], list[object]]) -> None:
    await author.session.close()  # whose idle connections are the server's as well
    async with asyncio.timeout(BOUND_SECONDS):
        for turns in count():  # as a rule without the garbage collector, but for what an error held
            if not kept() or (turns > 9 and gc.collect() and not kept()):
                return
            await turn()


def _break_off(wire: Wire) -> None:
    """Leave without a word."""
    raw = wire.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    wire.writer.transport.abort()


async def test_who_leaves_before_its_stream_has_begun_leaves_nothing_behind(
    here: tuple[Author, Callable[[], list[object]]], database_url: str
) -> None:
    author, kept = here
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    paths = [f"/api/plots/{plot_id}/events", f"/api/characters/{character_id}/image/events"]
    locker = await asyncpg.connect(database_url)
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(author.address)) for _ in range(40)]
        async with locker.transaction():
            await locker.execute("LOCK TABLE plots IN ACCESS EXCLUSIVE MODE")
            for number, wire in enumerate(wires):
                await wire.send(request(("GET", "HEAD")[number // 20], paths[number % 2]))
            await author.ask("GET", "/healthz")
            async with asyncio.timeout(BOUND_SECONDS):
                while not await locker.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    pass
            for wire in wires:
                _break_off(wire)
            await author.ask("GET", "/healthz")
        await _until_nothing_is_kept(author, kept)
    await locker.close()


@pytest.mark.parametrize("noun", ["plot", "character", "queue"])
async def test_who_leaves_a_stream_that_waits_leaves_nothing_behind(
    here: tuple[Author, Callable[[], list[object]]], noun: str
) -> None:
    author, kept = here
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    path = {
        "plot": f"/api/plots/{plot_id}/events",
        "character": f"/api/characters/{character_id}/image/events",
        "queue": "/api/queue/events",
    }[noun]
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(author.address)) for _ in range(20)]
        for wire in wires:
            await wire.send(request("GET", path))
        for number, wire in enumerate(wires):
            assert (await wire.head())[0] == 200
            if number % 2:
                assert (await anext(wire.chunks())).startswith(b"retry: ")
        there = [type(each) for each in kept()]
        assert (there.count(Stream), there.count(DirectOutlet)) == (20, 20)
        async with asyncio.timeout(BOUND_SECONDS):  # the author's own last request stays
            while [type(each) for each in kept()].count(RequestResponseCycle) > 1:
                await turn()
        for number, wire in enumerate(wires):
            if number % 3:
                _break_off(wire)
            else:
                wire.writer.close()
        await _until_nothing_is_kept(author, kept)


async def test_who_leaves_in_the_midst_of_its_past_leaves_nothing_behind(
    here: tuple[Author, Callable[[], list[object]]], database: Database, redis_url: str
) -> None:
    author, kept = here
    plot_id = await author.plot()
    character_id = await author.character(plot_id, description="🕯" * 4000)
    async with open_bus(redis_url) as bus:
        for _ in range(10):
            await Hand(database, bus).draw(character_id)
    path = f"/api/plots/{plot_id}/events?last_event_id=0"
    with ExitStack() as stack:
        clients = [stack.enter_context(narrow.connected(author.address)) for _ in range(5)]
        for client in clients:
            await client.ask(path)
        assert [type(each) for each in kept()].count(Stream) == 5
        for client in clients:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.socket.close()
        await _until_nothing_is_kept(author, kept)
