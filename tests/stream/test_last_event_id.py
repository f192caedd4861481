"""Coming back: what a client has missed comes in order, and whoever has nothing gets a snapshot."""

import asyncio
from contextlib import AbstractAsyncContextManager
from urllib.parse import quote

import pytest

from stage.author import Author
from stage.reader import Stream, watching
from stream.hand import Hand

REPLAY = ["1", "2", "3", "4"]
SNAPSHOT = ["3", "4"]


@pytest.fixture
async def path(author: Author, hand: Hand) -> str:
    """The stream of a plot in which four things have happened to two characters."""
    plot_id = await author.plot()
    await hand.draw(await author.character(plot_id, "Ada"))
    await hand.accept(await author.character(plot_id, "Bea"))
    return f"/api/plots/{plot_id}/events"


async def _numbers(opened: AbstractAsyncContextManager[Stream]) -> list[str]:
    """The ids of all that comes before a stream has nothing more to say."""
    async with opened as stream:
        for _ in range(2):
            await stream.next("heartbeat")
        return [event.own_id for event in stream.events if event.own_id is not None]


async def test_everything_after_the_last_seen_comes_in_order(author: Author, path: str) -> None:
    found = await asyncio.gather(
        *(_numbers(watching(author.session, path, last_event_id=seen)) for seen in range(5))
    )
    assert found == [REPLAY[seen:] for seen in range(5)]


async def test_after_the_replay_a_stream_is_live(author: Author, hand: Hand, path: str) -> None:
    async with watching(author.session, path, last_event_id=4) as stream:
        await stream.greeted()
        character_id = await author.character(path.split("/")[3], "Cid")
        await hand.tell(*await hand.draw(character_id))
        assert [(await stream.next()).own_id for _ in range(3)] == ["5", "6", "7"]


async def test_who_can_set_no_header_says_it_in_the_address(author: Author, path: str) -> None:
    snake, camel, both = await asyncio.gather(
        _numbers(watching(author.session, f"{path}?last_event_id=2")),
        _numbers(watching(author.session, f"{path}?lastEventId=2")),
        _numbers(watching(author.session, f"{path}?last_event_id=0", last_event_id=3)),
    )
    assert snake == camel == REPLAY[2:]
    assert both == REPLAY[3:], "the header wins"


async def test_an_id_that_can_not_be_counts_as_none(author: Author, path: str) -> None:
    ids = ["", "-1", "+1", "1.0", "0x1", "1e0", "abc", "1 2", "5", "9" * 30, "1_0", "null"]
    ids += [str(2**63 - 1), str(2**63), "9" * 19]  # the last that Postgres knows, and beyond
    ids += ["\u0661", "\uff11", "\u00b9", "\u09e7"]  # ones to Unicode, and not to us
    asked = [
        watching(author.session, f"{path}?last_event_id={quote(unbelievable)}")
        for unbelievable in ids
    ]
    asked += [watching(author.session, path, last_event_id=unbelievable) for unbelievable in ids]
    found = await asyncio.gather(*map(_numbers, asked))
    assert found == [SNAPSHOT] * len(asked)


async def test_more_than_one_page_of_the_past_comes_whole(author: Author, hand: Hand) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    for _ in range(170):
        await hand.draw(character_id)
    path = f"/api/plots/{plot_id}/events"
    async with watching(author.session, path, last_event_id=0) as stream:
        await stream.find(lambda event: event.own_id == "510")
        assert [event.own_id for event in stream.events if event.own_id] == [
            str(number) for number in range(1, 511)
        ]
