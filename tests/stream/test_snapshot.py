"""What a stream says before anything happens, and that nothing falls between that and after."""

import asyncio
import json
from contextlib import AsyncExitStack

from redis.asyncio import Redis

from limner.domain.transition import status_object
from stage.author import Author
from stage.process import BOUND_SECONDS
from stage.reader import Stream, watching
from stream.hand import Hand


async def test_a_snapshot_is_the_newest_of_each_character_in_the_order_of_what_happened(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    first, second, third, undrawn = [
        await author.character(plot_id, name) for name in ("Ada", "Bea", "Cid", "Dan")
    ]
    await hand.accept(second)
    drawn = (await hand.draw(first))[-1]
    await hand.accept(third)
    again = await hand.accept(first)
    async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
        events = [await stream.next() for _ in range(3)]
        silence = await stream.find(lambda event: event.name != "progress")
        assert silence.name == "heartbeat"
    assert [event.own_id for event in events] == ["1", "5", "6"]
    assert [event.json["character_id"] for event in events] == [second, third, first]
    assert events[-1].json["task_id"] == again.task_id != drawn.task_id
    assert undrawn not in {event.json["character_id"] for event in events}


async def test_a_deleted_character_is_left_out_of_the_snapshot_and_not_of_the_replay(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    kept, gone = await author.character(plot_id), await author.character(plot_id)
    await hand.accept(gone)
    await hand.accept(kept)
    assert (await author.ask("DELETE", f"/api/characters/{gone}")).status == 204
    path = f"/api/plots/{plot_id}/events"
    async with watching(author.session, path) as stream:
        assert (await stream.next()).json["character_id"] == kept
        silence = await stream.find(lambda event: event.name != "progress")
        assert silence.name == "heartbeat"
    async with watching(author.session, path, last_event_id=0) as stream:
        replayed = [await stream.next() for _ in range(3)]
    assert [(event.id, event.json["status"]) for event in replayed] == [
        ("1", "pending"),
        ("2", "pending"),
        ("3", "canceled"),
    ]


async def test_what_happens_while_a_stream_opens_comes_exactly_once(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    characters = [await author.character(plot_id, f"Mara {number}") for number in range(12)]

    async def live() -> None:
        for character_id in characters:
            await hand.tell(*await hand.draw(character_id))

    async with AsyncExitStack() as stack, asyncio.timeout(BOUND_SECONDS):
        acting = asyncio.create_task(live())
        streams: list[Stream] = []
        while not acting.done() and len(streams) < 50:  # a session has 100 connections at most
            opening = watching(author.session, f"/api/plots/{plot_id}/events")
            streams.append(await stack.enter_async_context(opening))
            await streams[-1].greeted()
        await acting
        for stream in streams:
            await stream.find(lambda event: event.own_id == "36")
            numbers = [int(event.own_id) for event in stream.events if event.own_id]
            snapshot = [n for n in numbers if n % 3 == 0][: len(numbers)]
            assert numbers == sorted(set(numbers))
            live_from = next(
                (at for at in range(len(numbers)) if numbers[at:] == list(range(numbers[at], 37))),
                len(numbers),
            )
            assert set(numbers[:live_from]) <= set(snapshot)
    assert len(streams) > 1


async def test_stream_poll_and_wire_say_the_same_bytes(
    author: Author, hand: Hand, redis: "Redis"
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id, "Zoë", "with “quotes” and ünïcode")
    async with (
        redis.pubsub() as wire,
        watching(author.session, f"/api/plots/{plot_id}/events") as stream,
        asyncio.timeout(BOUND_SECONDS),
    ):
        await wire.subscribe(f"limner:plot:{plot_id}")
        assert (await anext(wire.listen()))["type"] == "subscribe"
        await stream.greeted()
        transitions = await hand.draw(character_id)
        await hand.tell(*transitions)
        published = [(await anext(wire.listen()))["data"].decode() for _ in range(3)]
        streamed = [(await stream.next()).data for _ in range(3)]
    polled = await author.ask("GET", f"/api/characters/{character_id}/image/status")
    assert streamed == published
    assert streamed[-1] == polled.raw.decode()
    assert json.loads(streamed[0]) == status_object(transitions[0])
    async with watching(author.session, f"/api/plots/{plot_id}/events", last_event_id=0) as stream:
        assert [(await stream.next()).data for _ in range(3)] == published
