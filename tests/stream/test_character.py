"""The stream of one character: its own events only, and an end with the generation."""

import asyncio

from stage.author import Author
from stage.reader import watching
from stream.hand import Hand


async def test_a_character_hears_of_itself_alone_and_no_more_after_the_end(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    mine, other = await author.character(plot_id), await author.character(plot_id)
    async with watching(author.session, f"/api/characters/{mine}/image/events") as stream:
        await stream.greeted()
        pending = await hand.accept(mine)
        others = await hand.draw(other)
        taken = await hand.take(pending.task_id)
        completed = await hand.complete(taken)
        await hand.tell(pending, *others, taken.transition, completed)
        events = [event for event in await stream.rest() if event.name == "status"]
    assert stream.is_ended
    assert [(event.own_id, event.json["status"]) for event in events] == [
        ("1", "pending"),
        ("5", "generating"),
        ("6", "completed"),
    ]


async def test_a_snapshot_that_is_final_is_said_and_ends_the_stream(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await hand.draw(character_id)
    path = f"/api/characters/{character_id}/image/events"
    async with watching(author.session, path) as stream:
        assert [event.own_id for event in await stream.rest()] == ["3"]
    async with watching(author.session, path, last_event_id=1) as stream:
        assert [event.own_id for event in await stream.rest()] == ["2", "3"]


async def test_who_has_seen_the_end_is_told_to_stop(author: Author, hand: Hand) -> None:
    plot_id = await author.plot()
    character_id, other = await author.character(plot_id), await author.character(plot_id)
    await hand.draw(character_id)
    await hand.accept(other)
    path = f"/api/characters/{character_id}/image/events"
    for seen, status in (("3", 204), ("4", 204), ("2", 200), ("5", 200), ("0", 200)):
        answer = await author.ask("GET", path, **{"Last-Event-ID": seen})
        assert answer.status == status, seen
        assert (answer.raw == b"") == (status == 204)


async def test_who_has_seen_the_end_may_watch_the_next_one(author: Author, hand: Hand) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await hand.draw(character_id)
    pending = await hand.accept(character_id)
    path = f"/api/characters/{character_id}/image/events"
    async with watching(author.session, path, last_event_id=3) as stream:
        assert stream.response.status == 200
        assert (await stream.next()).own_id == "4"
        taken = await hand.take(pending.task_id)
        await hand.tell(taken.transition, await hand.complete(taken))
        assert [event.own_id for event in await stream.rest() if event.own_id] == ["5", "6"]


async def test_the_end_of_an_older_image_in_a_replay_does_not_end_the_stream(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await hand.draw(character_id)
    await hand.draw(character_id)
    path = f"/api/characters/{character_id}/image/events"
    async with watching(author.session, path, last_event_id=0) as stream:
        numbers = [event.own_id for event in await stream.rest()]
    assert numbers == ["1", "2", "3", "4", "5", "6"]


async def test_a_character_that_was_never_drawn_keeps_its_stream(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id, other = await author.character(plot_id), await author.character(plot_id)
    await hand.draw(other)
    async with watching(author.session, f"/api/characters/{character_id}/image/events") as stream:
        assert [(await stream.find(lambda _: True)).name for _ in range(2)] == ["heartbeat"] * 2
        await hand.tell(*await hand.draw(character_id))
        assert [event.own_id for event in await stream.rest() if event.own_id] == ["4", "5", "6"]


async def test_a_canceled_image_ends_the_stream(author: Author) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await author.draw(character_id)
    async with watching(author.session, f"/api/characters/{character_id}/image/events") as stream:
        assert (await stream.next()).json["status"] == "pending"
        canceled = await author.ask("POST", f"/api/characters/{character_id}/image/cancel")
        last = [event for event in await stream.rest() if event.own_id][-1]
    assert last.json == canceled.json
    assert last.json["status"] == "canceled"


async def test_many_streams_of_one_character_all_get_all_of_it(author: Author, hand: Hand) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)

    async def follow() -> list[str | None]:
        path = f"/api/characters/{character_id}/image/events"
        async with watching(author.session, path) as stream:
            await stream.greeted()
            ready.release()
            return [event.own_id for event in await stream.rest() if event.own_id]

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follow()) for _ in range(30)]
        for _ in following:
            await ready.acquire()
        await hand.tell(*await hand.draw(character_id))
    assert all(task.result()[-1] == "3" for task in following)
    assert all(task.result() == ["1", "2", "3"][-len(task.result()) :] for task in following)
