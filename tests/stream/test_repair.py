"""What Redis did not carry, or carried wrongly, comes from Postgres: each once, in order."""

import asyncio
import json

import pytest
from redis.asyncio import Redis

from stage.author import Author
from stage.reader import Stream, watching
from stream.hand import Hand

BOUND_SECONDS = 5.0
"""How late a transition may be that Redis did not carry."""


async def _numbers(stream: Stream, last: int) -> list[int]:
    """The ids of all that came until the last one was there, in time."""
    async with asyncio.timeout(BOUND_SECONDS):
        await stream.find(lambda event: event.own_id == str(last))
    return [int(event.own_id) for event in stream.events if event.own_id is not None]


@pytest.fixture
async def plot_id(author: Author) -> str:
    """A plot in which nothing has happened yet."""
    return await author.plot()


async def test_a_transition_that_nobody_published_comes_all_the_same(
    author: Author, hand: Hand, plot_id: str
) -> None:
    character_id = await author.character(plot_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.greeted()
        await hand.draw(character_id)
        assert await _numbers(stream, 3) in ([1, 2, 3], [2, 3], [3])


async def test_messages_in_the_wrong_order_are_put_right_at_once(
    author: Author, hand: Hand, plot_id: str
) -> None:
    character_id = await author.character(plot_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next("heartbeat")
        first, second, third = await hand.draw(character_id)
        await hand.tell(third, first, second, first, third)
        assert await _numbers(stream, 3) == [1, 2, 3]
        await hand.tell(first, second, third)
        await hand.tell(await hand.accept(character_id))
        assert await _numbers(stream, 4) == [1, 2, 3, 4]


async def test_one_message_for_many_transitions_brings_them_all(
    author: Author, hand: Hand, plot_id: str
) -> None:
    characters = [await author.character(plot_id, f"Mara {number}") for number in range(30)]
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next("heartbeat")
        drawn = [await hand.draw(character_id) for character_id in characters]
        await hand.tell(drawn[-1][-1])
        assert await _numbers(stream, 90) == list(range(1, 91))


def _status(**changes: object) -> bytes:
    value = {"seq": 2, "character_id": "somebody", "status": "completed", **changes}
    return json.dumps(value).encode()


NONSENSE = {
    "nothing": b"",
    "not JSON": b"not JSON",
    "not UTF-8": b"\xff\xfe{}",
    "a lone surrogate": b'{"seq": 2, "character_id": "\xed\xa0\x80", "status": "failed"}',
    "UTF-16": _status().decode().encode("utf-16"),
    "a number": b"1",
    "a list": b"[]",
    "null": b"null",
    "no seq": b'{"character_id": "somebody", "status": "completed"}',
    "an endless seq": b'{"seq": Infinity, "character_id": "x", "status": "completed"}',
    "no number": b'{"seq": NaN, "character_id": "x", "status": "completed"}',
    "a huge seq": _status(seq=10**30),
    "a seq past bigint": _status(seq=2**63),
    "a seq of more digits than Python reads": b'{"seq": ' + b"9" * 5000 + b"}",
    "a negative seq": _status(seq=-1),
    "a seq of a string": _status(seq="2"),
    "a truth for a seq": _status(seq=True),
    "a list for a status": _status(status=[]),
    "no such status": _status(status="finished"),
    "an object for a character": _status(character_id={}),
    "nested too deeply": b'{"seq":' * 100_000,
    "a list nested too deeply": b"[" * 100_000 + b"]" * 100_000,
}


@pytest.mark.parametrize("message", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_on_the_wire_costs_nobody_anything(
    author: Author, hand: Hand, redis: "Redis", plot_id: str, message: bytes
) -> None:
    character_id = await author.character(plot_id)
    async with (
        watching(author.session, f"/api/plots/{plot_id}/events") as stream,
        watching(author.session, f"/api/characters/{character_id}/image/events") as other,
    ):
        await asyncio.gather(stream.greeted(), other.greeted())
        for channel in ("plot", "hint"):
            await redis.publish(f"limner:{channel}:{plot_id}", message)
        first, second, third = await hand.draw(character_id)
        await hand.tell(first)
        await redis.publish(f"limner:plot:{plot_id}", message)
        await hand.tell(second, third)
        assert await _numbers(stream, 3) in ([1, 2, 3], [2, 3], [3])
        assert [event.own_id for event in await other.rest() if event.own_id][-1] == "3"
        await hand.bus.hint(plot_id, {"character_id": character_id, "progress": 0.5})
        await stream.next("progress")  # nothing but Redis carries it, and it is still listened to


async def test_a_channel_that_is_no_text_does_not_end_the_subscription(
    author: Author, hand: Hand, redis: "Redis", plot_id: str
) -> None:
    character_id = await author.character(plot_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next("heartbeat")
        await redis.publish(b"limner:plot:\xff\xfe", b"{}")
        await redis.publish(b"limner:hint:\xff" + plot_id.encode(), b"{}")
        await hand.bus.hint(plot_id, {"character_id": character_id, "progress": 0.5})
        await stream.next("progress")  # which nothing but Redis carries


async def test_a_forged_number_is_found_out_and_everybody_begins_anew(
    author: Author, hand: Hand, redis: "Redis", plot_id: str
) -> None:
    character_id = await author.character(plot_id)
    await hand.accept(character_id)
    path = f"/api/plots/{plot_id}/events"
    async with watching(author.session, path) as stream:
        await stream.next()
        await stream.next("heartbeat")
        await redis.publish(f"limner:plot:{plot_id}", _status())
        assert (await stream.next()).own_id == "2"
        async with asyncio.timeout(BOUND_SECONDS):
            await stream.rest()
    async with watching(author.session, path, last_event_id=2) as stream:
        event = await stream.next()
    assert (event.own_id, event.json["character_id"]) == ("1", character_id)


async def test_a_subscription_that_was_cut_loses_nothing(
    author: Author, hand: Hand, redis: "Redis", plot_id: str
) -> None:
    character_id = await author.character(plot_id)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        await stream.next("heartbeat")
        for last in (3, 6, 9):
            await redis.client_kill_filter(_type="pubsub")
            await hand.tell(*await hand.draw(character_id))
            assert await _numbers(stream, last) == list(range(1, last + 1))
