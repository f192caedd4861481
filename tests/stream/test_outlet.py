"""Writing to a reader who is slow, gone, or both."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from limner.web.outlet import WAITING_BYTES, Outlet


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
    outlet = Outlet(reader.send)
    outlet.write(b"1")
    assert reader.taken == [b"1"]
    outlet.end()
    assert reader.is_whole


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["write", "close", "open", "turn"]), max_size=40))
def test_bytes_arrive_in_order_however_often_the_reader_pauses(actions: list[str]) -> None:
    async def play() -> None:
        reader = Reader()
        outlet = Outlet(reader.send)
        written = []
        for number, action in enumerate(actions):
            match action:
                case "write":
                    written.append(b"%d" % number)
                    outlet.write(written[-1])
                case "close":
                    reader.may_take.clear()
                case "open":
                    reader.may_take.set()
                case "turn":
                    await _turn()
        outlet.end()
        outlet.write(b"too late")
        outlet.end()
        reader.may_take.set()
        async with asyncio.timeout(5):
            await outlet.drained()
        assert reader.taken == written
        assert reader.is_whole

    asyncio.run(play())


async def test_the_end_comes_after_what_still_waits() -> None:
    reader = Reader()
    reader.may_take.clear()
    outlet = Outlet(reader.send)
    for number in range(3):
        outlet.write(b"%d" % number)
    outlet.end()
    assert outlet.is_ended
    assert reader.taken == []
    reader.may_take.set()
    async with asyncio.timeout(5):
        await outlet.drained()
    assert reader.taken == [b"0", b"1", b"2"]
    assert reader.is_whole


async def test_a_connection_that_breaks_keeps_nothing_and_lets_everybody_go() -> None:
    reader = Reader()
    reader.may_take.clear()
    outlet = Outlet(reader.send)
    outlet.write(b"1")
    outlet.write(b"2" * WAITING_BYTES)
    outlet.write(b"3")
    assert outlet.is_overfull
    waiting = asyncio.create_task(outlet.drained())
    await asyncio.sleep(0)
    reader.is_broken = True
    reader.may_take.set()
    async with asyncio.timeout(5):
        await waiting
    outlet.write(b"4")
    assert reader.taken == []


async def test_a_connection_that_is_broken_already_does_not_stop_who_writes() -> None:
    reader = Reader()
    reader.is_broken = True
    outlet = Outlet(reader.send)
    outlet.write(b"1")
    assert outlet.is_ended
    async with asyncio.timeout(5):
        await outlet.drained()
