"""A stream's own connection: on real sockets, with readers who pause, break off, or leave."""

import asyncio
import logging
import socket
import struct
import sys
from itertools import pairwise

import pytest

from limner.web.frames import retry_frame
from limner.web.outlet import WAITING_BYTES
from stage.process import BOUND_SECONDS
from stream.wired import LAST_CHUNK, NewLoop, both_loops, is_overfull, on_both_loops, turn, wired

FRAME = b"5000\r\n" + b"x" * 0x5000 + b"\r\n"
RESET = struct.pack("ii", 1, 0)


@on_both_loops
async def test_the_end_comes_after_what_still_waits_and_closes_the_connection() -> None:
    async with wired() as both:
        written = await both.stuff(FRAME)
        both.outlet.end()
        both.outlet.write(b"too late")
        both.outlet.end()
        assert both.outlet.is_ended
        assert both.connections == {both.outlet}
        assert await both.take_all() == b"".join(written) + LAST_CHUNK
        async with asyncio.timeout(BOUND_SECONDS):
            await both.is_lost.wait()
        assert both.connections == set()


@on_both_loops
async def test_who_waits_until_it_has_drained_waits_for_all_that_waits() -> None:
    async with wired() as both:
        written = await both.stuff(FRAME)
        draining = asyncio.create_task(both.outlet.drained())
        while not draining.done():
            size_bytes = len(both.taken)
            assert await both.take()
        assert size_bytes > sum(map(len, written[:-1])) - 128 * 1024
        assert not both.outlet.is_stuck
        assert not is_overfull(both.outlet)
        async with asyncio.timeout(BOUND_SECONDS):
            await both.outlet.drained()  # at once, when nothing waits


@on_both_loops
async def test_a_reset_sends_nothing_more_and_frees_the_descriptor() -> None:
    async with wired() as both:
        inode, before = both.inode, sys.getrefcount(FRAME)
        await both.stuff(FRAME)
        waiting = asyncio.create_task(both.outlet.drained())
        await asyncio.sleep(0)
        both.outlet.reset()
        both.outlet.reset()
        assert both.outlet.is_ended
        async with asyncio.timeout(BOUND_SECONDS):
            await waiting
            await both.is_lost.wait()
            while both.inode == inode:
                await turn()
        assert inode is not None
        assert sys.getrefcount(FRAME) == before, "nothing is kept of what was on its way"
        assert (both.outlet.unsent_bytes(), both.outlet.untaken_bytes()) == (0, 0)
        with pytest.raises(ConnectionResetError):
            await both.take_all()
        both.outlet.write(FRAME)
        both.outlet.end()
        both.outlet.reset()
        assert sys.getrefcount(FRAME) == before
        assert both.times_lost == 1


@on_both_loops
async def test_a_reader_who_breaks_off_lets_everybody_go_and_leaves_nothing() -> None:
    async with wired() as both:
        before = sys.getrefcount(FRAME)
        await both.stuff(FRAME)
        waiting = [asyncio.create_task(both.outlet.drained()) for _ in range(3)]
        await asyncio.sleep(0)
        both.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        both.client.close()
        async with asyncio.timeout(BOUND_SECONDS):
            await asyncio.gather(*waiting)
            await both.is_lost.wait()
        assert both.outlet.is_ended
        assert both.connections == set()
        assert both.outlet.peer == "gone"
        both.outlet.write(FRAME)
        async with asyncio.timeout(BOUND_SECONDS):
            await both.outlet.drained()
        assert sys.getrefcount(FRAME) == before
        assert both.times_lost == 1


@on_both_loops
async def test_who_asks_to_be_called_after_it_was_lost_is_called_at_once() -> None:
    async with wired() as both:
        both.outlet.reset()
        async with asyncio.timeout(BOUND_SECONDS):
            await both.is_lost.wait()
        both.outlet.when_lost(both.lose)
        assert both.times_lost == 2
        both.outlet.keep_little(10)  # which is of no use to anybody, and does no harm


@on_both_loops
async def test_a_reader_who_says_that_it_will_ask_nothing_more_has_left() -> None:
    async with wired() as both:
        both.client.send(b"GET / HTTP/1.1\r\n\r\n" * 1000)  # to which nobody listens any more
        both.outlet.write(FRAME)
        both.client.shutdown(socket.SHUT_WR)
        assert await both.take_all() == FRAME
        async with asyncio.timeout(BOUND_SECONDS):
            await both.is_lost.wait()


@on_both_loops
async def test_what_waits_and_since_when_it_is_too_much_is_known() -> None:
    async with wired() as both:
        written = len(await both.stuff(FRAME)) - 1
        assert not is_overfull(both.outlet)
        assert both.outlet.sent_bytes == written * len(FRAME)
        assert 0 < both.outlet.unsent_bytes() <= both.outlet.untaken_bytes()
        kept = [both.outlet.untaken_bytes()]
        for _ in range(WAITING_BYTES // len(FRAME)):
            both.outlet.write(FRAME)
        assert is_overfull(both.outlet)
        while is_overfull(both.outlet):
            assert await both.take()
        while both.outlet.untaken_bytes():
            kept.append(both.outlet.untaken_bytes())
            assert await both.take()
        assert any(more > less for more, less in pairwise(kept))
        assert not both.outlet.is_stuck


@both_loops
def test_a_page_of_the_past_for_who_has_just_left_is_no_news_to_the_log(
    new_loop: NewLoop, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with wired() as both:
            both.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            both.client.close()
            for _ in range(500):
                both.outlet.write(retry_frame(1000))
            async with asyncio.timeout(BOUND_SECONDS):
                await both.is_lost.wait()

    with caplog.at_level(logging.WARNING), asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(play())
    assert caplog.records == []
