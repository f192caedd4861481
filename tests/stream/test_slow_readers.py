"""Who does not read is given up, and costs nobody anything."""

import asyncio
import signal
from collections.abc import AsyncIterator, MutableMapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from limner.domain.transition import Transition
from limner.web.audience import PATIENCE_SECONDS
from limner.web.frames import retry_frame
from limner.web.outlet import SendOutlet
from limner.web.stream import EndedError, Stream
from limner.web.wire import REQUEST_SECONDS
from stage.author import Author, session_of
from stage.process import BOUND_SECONDS, Process, running
from stage.reader import watching
from stream.hand import Hand, Site
from stream.narrow import connected

TESTS = Path(__file__).parents[1]
WHY_STALLED = "Nothing of what was sent was taken for 1 seconds."
WHY_OVERFULL = "More than 256 KiB wait for it."


def url_of(author: Author) -> str:
    return str(author.session._base_url)  # noqa: SLF001  # aiohttp keeps it to itself


@asynccontextmanager
async def hasty(site: Site, **constants: str) -> AsyncIterator[tuple[Process, Author]]:
    """Another API on the same database, with less patience."""
    env = {**site.env, **constants, "PYTHONPATH": str(TESTS)}
    async with running("api", "--child", env=env, module="stream.hasty") as process:
        url = str((await process.said("Serving"))["address"])
        async with session_of(url) as session:
            yield process, Author(session, url)


async def cast(author: Author, letter: str = "x") -> tuple[str, str]:
    """A plot's stream and a character whose every transition is of 4,000 letters and more."""
    plot_id = await author.plot()
    character_id = await author.character(plot_id, description=letter * 4000)
    return f"/api/plots/{plot_id}/events", character_id


async def draw(hand: Hand, character_id: str, generations: int) -> list[Transition]:
    """Many generations, of which nobody is told."""
    drawn = [await hand.draw(character_id) for _ in range(generations)]
    return [transition for transitions in drawn for transition in transitions]


def test_the_patience_is_the_one_that_is_promised() -> None:
    assert (PATIENCE_SECONDS, REQUEST_SECONDS) == (10, 20)


async def test_a_stuck_reader_is_reset_and_all_others_get_everything_meanwhile(site: Site) -> None:
    async with hasty(site, PATIENCE_SECONDS="1") as (process, author):
        path, character_id = await cast(author)
        with connected(author.address) as stuck:
            await stuck.ask(path)
            row = stuck.row
            assert row is not None
            assert f"socket:[{row[9]}]" in descriptors(process)
            async with watching(author.session, path, last_event_id=0) as other:
                drawn = await draw(site.hand, character_id, 10)  # half of what may wait
                await site.hand.tell(*drawn)
                ids = [(await other.next()).own_id for _ in drawn]
                await process.said("Reset a stream", why=WHY_STALLED, reader=stuck.name)
                assert await stuck.is_reset()
                drawn += await draw(site.hand, character_id, 1)
                await site.hand.tell(*drawn[-3:])
                ids += [(await other.next()).own_id for _ in range(3)]
            assert ids == [str(one.seq) for one in drawn]
            assert stuck.row is None
            assert f"socket:[{row[9]}]" not in descriptors(process)
        assert errors(process) == []

        seen = stuck.ids[-1] if stuck.ids else 0
        assert seen < len(drawn)
        async with watching(author.session, path, last_event_id=seen) as again:
            missed = [(await again.next()).json["seq"] for _ in drawn[seen:]]
        assert missed == [one.seq for one in drawn[seen:]]


async def test_who_lets_more_wait_than_is_kept_is_reset_long_before(
    site: Site, author: Author, hand: Hand
) -> None:
    path, character_id = await cast(author, "🕯")
    began = asyncio.get_running_loop().time()
    with connected(url_of(author)) as reader:
        await reader.ask(path)
        await hand.tell(*await draw(hand, character_id, 10))
        await site.process.said("Reset a stream", why=WHY_OVERFULL, reader=reader.name)
        assert await reader.is_reset()
    assert asyncio.get_running_loop().time() - began < PATIENCE_SECONDS / 2
    assert len(reader.taken) < 128 * 1024
    assert reader.ids == list(range(1, len(reader.ids) + 1))


async def test_who_stops_in_the_midst_of_its_past_is_reset_before(site: Site) -> None:
    async with hasty(site, PATIENCE_SECONDS="4") as (process, author):
        path, character_id = await cast(author, "🕯")
        await draw(site.hand, character_id, 10)
        with connected(author.address) as reader:
            await reader.ask(path + "?last_event_id=0")
            await reader.take_until(b"id: 3\n")
            await process.said("Reset a stream", why=WHY_OVERFULL, reader=reader.name)
            assert await reader.is_reset()
        assert reader.ids == list(range(1, len(reader.ids) + 1))
        assert errors(process) == []


async def test_a_reader_that_is_slow_but_reads_is_not_reset(site: Site) -> None:
    async with hasty(site, PATIENCE_SECONDS="2") as (process, author):
        path, character_id = await cast(author, "🕯")
        drawn = await draw(site.hand, character_id, 15)  # more than may wait for who is live
        silent, _ = await cast(author)
        with connected(author.address) as slow:
            await slow.ask(path + "?last_event_id=0")
            async with watching(author.session, silent) as clock:
                for _ in range(10):  # three seconds
                    await clock.next("heartbeat")
                    await slow.take(8192)
            while len(slow.ids) < len(drawn):
                assert await slow.take(65536)
        assert slow.ids == [one.seq for one in drawn]
        assert resets(process) == []


async def test_a_connection_on_which_nothing_is_asked_is_dropped(site: Site) -> None:
    async with (
        hasty(site, REQUEST_SECONDS="0.5") as (process, author),
        watching(author.session, (await cast(author))[0]) as stream,
    ):
        with ExitStack() as stack:
            clients = [stack.enter_context(connected(author.address)) for _ in range(3)]
            clients[1].socket.send(b"GET / HTTP/1.1\r\nHost: local")
            body = b"POST /api/plots HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{"
            clients[2].socket.send(body)
            for client in clients:
                assert not await client.is_reset()
                assert client.row is None or client.row[3] not in {"01", "08"}
        await stream.next("heartbeat")  # whoever has asked stays
        assert errors(process) == []


async def test_readers_that_are_stuck_do_not_hold_up_the_stop(site: Site) -> None:
    async with hasty(site) as (process, author):
        path, character_id = await cast(author)
        with ExitStack() as stack:
            stuck = [stack.enter_context(connected(author.address)) for _ in range(50)]
            for client in stuck:
                await client.ask(path)
            async with watching(author.session, path) as other:
                await other.greeted()
                drawn = await draw(site.hand, character_id, 10)
                await site.hand.tell(*drawn)
                for _ in drawn:
                    await other.next()
                began = asyncio.get_running_loop().time()
                process.send(signal.SIGTERM)
                await other.rest()  # with a proper end: aiohttp raises otherwise
                assert await process.ended() == 0
            assert asyncio.get_running_loop().time() - began < 2
            assert all([await client.is_reset() for client in stuck])
        assert process.lines[-2]["streams"] == 50
        assert errors(process) == []


async def test_under_a_server_that_is_not_ours_the_stream_ends_and_keeps_nothing() -> None:
    may_take = asyncio.Event()
    taken: list[object] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        await may_take.wait()
        taken.append(message)

    doubted: list[Stream] = []
    outlet = SendOutlet(send)
    stream = Stream(outlet, character_id=None, until=1000, doubt=doubted.append)
    stream.say(retry_frame(1))
    stream.say(retry_frame(2))
    assert doubted == [stream, stream]  # who is to look at it has not said that it does
    assert [stream.stalled_seconds(now) for now in (100, 105, 110)] == [0, 5, 10]
    waiting = asyncio.create_task(stream.ready())
    await asyncio.sleep(0)
    stream.reset()
    async with asyncio.timeout(BOUND_SECONDS):
        with pytest.raises(EndedError):  # whatever is done for the reader is broken off
            await waiting
        await outlet.is_given_up.wait()
    may_take.set()
    stream.say(retry_frame(3))
    await outlet.drained()
    assert taken == []


def descriptors(process: Process) -> set[str]:
    folder = Path(f"/proc/{process.pid}/fd")
    return {str(link.readlink()) for link in folder.iterdir()}


def resets(process: Process) -> list[dict[str, object]]:
    return [line for line in process.lines if str(line.get("event")).startswith("Reset ")]


def errors(process: Process) -> list[str]:
    serious = ("error", "critical")
    return [str(line) for line in process.lines if line.get("level") in serious]
