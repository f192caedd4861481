"""Writing to a reader who is slow, gone, or both."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from limner.web.frames import body_of, retry_frame
from limner.web.outlet import WAITING_BYTES, SendOutlet
from stage.process import BOUND_SECONDS
from stream.wired import LAST_CHUNK, NewLoop, both_loops, is_overfull, wired

ACTIONS = st.lists(st.sampled_from(["write", "close", "open", "turn"]), max_size=40)


FRAMES = [retry_frame(number) for number in range(40)]
BODIES = [body_of(frame) for frame in FRAMES]


class Reader:
    """An ASGI `send` whose other end takes bytes only while it is open."""

    def __init__(self) -> None:
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.taken: list[bytes] = []
        self.is_whole = False
        self.is_broken = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.may_take.wait()
        if self.is_broken:
            raise OSError("the connection is gone")
        assert not self.is_whole, "nothing comes after the end"
        if message["body"]:
            self.taken.append(message["body"])
        self.is_whole = not message["more_body"]


async def _turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_written_is_on_its_way_before_write_returns() -> None:
    reader = Reader()
    outlet = SendOutlet(reader.send)
    outlet.write(FRAMES[1])
    assert reader.taken == [BODIES[1]]
    outlet.end()
    assert reader.is_whole


@settings(max_examples=100, deadline=None)
@given(ACTIONS)
def test_bytes_arrive_in_order_however_often_the_server_pauses(actions: list[str]) -> None:
    async def play() -> None:
        reader = Reader()
        outlet = SendOutlet(reader.send)
        written = []
        for number, action in enumerate(actions):
            match action:
                case "write":
                    written.append(BODIES[number])
                    outlet.write(FRAMES[number])
                case "close":
                    reader.may_take.clear()
                case "open":
                    reader.may_take.set()
                case "turn":
                    await _turn()
        outlet.end()
        outlet.write(FRAMES[0])
        outlet.end()
        reader.may_take.set()
        async with asyncio.timeout(5):
            await outlet.drained()
        assert reader.taken == written
        assert reader.is_whole

    asyncio.run(play())


@both_loops
@settings(max_examples=50, deadline=None)
@given(actions=ACTIONS)
def test_bytes_arrive_in_order_however_often_the_reader_pauses(
    new_loop: NewLoop, actions: list[str]
) -> None:
    async def play() -> None:
        async with wired() as both:
            written: list[bytes] = []
            reading = asyncio.create_task(both.take_all())
            for number, action in enumerate(actions):
                match action:
                    case "write":
                        written.append(b"5000\r\n%020480d\r\n" % number)
                        both.outlet.write(written[-1])
                    case "close":
                        both.may_take.clear()
                    case "open":
                        both.may_take.set()
                    case "turn":
                        await _turn()
            both.outlet.end()
            both.outlet.write(b"too late")
            both.outlet.end()
            both.may_take.set()
            assert await reading == b"".join(written) + LAST_CHUNK
            async with asyncio.timeout(BOUND_SECONDS):
                await both.outlet.drained()
                await both.is_lost.wait()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(play())


async def test_the_end_comes_after_what_still_waits() -> None:
    reader = Reader()
    reader.may_take.clear()
    outlet = SendOutlet(reader.send)
    for frame in FRAMES[:3]:
        outlet.write(frame)
    outlet.end()
    assert outlet.is_ended
    assert reader.taken == []
    reader.may_take.set()
    async with asyncio.timeout(5):
        await outlet.drained()
    assert reader.taken == BODIES[:3]
    assert reader.is_whole


async def test_a_connection_that_breaks_keeps_nothing_and_lets_everybody_go() -> None:
    reader = Reader()
    reader.may_take.clear()
    outlet = SendOutlet(reader.send)
    outlet.write(FRAMES[1])
    outlet.write(b"40000\r\n%b\r\n" % (b"2" * WAITING_BYTES))
    assert not is_overfull(outlet)
    outlet.write(FRAMES[3])
    assert is_overfull(outlet)
    waiting = asyncio.create_task(outlet.drained())
    await asyncio.sleep(0)
    reader.is_broken = True
    reader.may_take.set()
    async with asyncio.timeout(5):
        await waiting
    outlet.write(FRAMES[4])
    assert reader.taken == []


async def test_a_connection_that_is_broken_already_does_not_stop_who_writes() -> None:
    reader = Reader()
    reader.is_broken = True
    outlet = SendOutlet(reader.send)
    outlet.write(FRAMES[1])
    assert outlet.is_ended
    async with asyncio.timeout(5):
        await outlet.drained()


def test_a_frame_is_a_chunk_around_an_event() -> None:
    for number, frame in enumerate(FRAMES):
        body = b"retry: %d\n\n" % number
        assert body_of(frame) == body
        assert frame == b"%x\r\n%b\r\n" % (len(body), body)
