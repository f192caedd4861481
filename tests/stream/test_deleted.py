"""Streams of characters that are deleted end, and those of their plot do not."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest

from limner.bus.publish import open_bus
from limner.domain.plot import LOCAL_OWNER
from limner.flows.announce import Announcer
from limner.flows.cancel import Cancel
from limner.jobs.queue import open_queue
from limner.store.history import History
from limner.store.plots import Plots
from stage.author import Author
from stage.process import Process
from stage.reader import watching
from stream.hand import Hand, Site
from stream.memory import Follower, Memory, at_work, published, settle, watched

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
LOOKS_SECONDS = 4.0
"""Less than the time between four looks by the clock, of which two are at least 1.6 s apart."""

FEW_TELLINGS_SECONDS = 4.0
"""Less than five tellings take, of which each waits for Redis for a second."""


async def _delete(author: Author, character_id: str) -> None:
    assert (await author.ask("DELETE", f"/api/characters/{character_id}")).status == 204


async def test_a_deleted_character_ends_its_streams_at_once_and_they_stay_away(
    author: Author,
) -> None:
    plot_id = await author.plot()
    kept, *doomed = [await author.character(plot_id, f"Mara {number}") for number in range(5)]
    path = "/api/characters/{}/image/events"
    async with AsyncExitStack() as stack:
        plot = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        other, *streams = [
            await stack.enter_async_context(watching(author.session, path.format(one)))
            for one in (kept, *doomed, *doomed)
        ]
        for each in (plot, other, *streams):
            await each.next("heartbeat")
        async with asyncio.timeout(LOOKS_SECONDS):  # one after the other: each would need its own
            for one, first, second in zip(doomed, streams[:4], streams[4:], strict=True):
                await _delete(author, one)
                await asyncio.gather(first.rest(), second.rest())
        await plot.next("plot")
        await plot.next("heartbeat")
        await other.next("heartbeat")
    gone = await author.ask("GET", path.format(doomed[0]), **{"Last-Event-ID": "0"})
    assert gone.status == 404


async def test_a_character_deleted_while_it_waits_is_told_so_first(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    character_id = await author.character(plot_id)
    await hand.accept(character_id)
    async with watching(author.session, f"/api/characters/{character_id}/image/events") as stream:
        await stream.next()
        await _delete(author, character_id)
        statuses = [event.json["status"] for event in await stream.rest() if event.own_id]
    assert statuses == ["canceled"]


async def test_a_plot_deleted_while_it_is_drawn_tells_of_every_cancellation_and_ends(
    author: Author, hand: Hand
) -> None:
    plot_id = await author.plot()
    waits, drawn = await author.character(plot_id), await author.character(plot_id)
    await hand.tell(await hand.accept(waits))
    pending = await hand.accept(drawn)
    await hand.tell(pending, (await hand.take(pending.task_id)).transition)
    async with (
        watching(author.session, f"/api/plots/{plot_id}/events") as plot,
        watching(author.session, f"/api/characters/{drawn}/image/events") as character,
    ):
        await plot.next()
        await plot.next()
        await character.next()
        await asyncio.gather(plot.next("heartbeat"), character.next("heartbeat"))
        assert (await author.ask("DELETE", f"/api/plots/{plot_id}")).status == 204
        ends = [event for event in await plot.rest() if event.name in {"status", "plot"}]
        own = [event for event in await character.rest() if event.name == "status"]
    told = [(event.own_id, event.json.get("status"), event.json.get("previous")) for event in ends]
    assert told == [
        ("4", "canceled", "pending"),
        ("5", "canceled", "generating"),
        (None, None, None),
    ]
    assert [event.json for event in own] == [ends[1].json]


async def test_a_redis_that_does_not_answer_holds_no_deletion_up_for_every_cancellation(
    site: Site, hand: Hand
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    plot_id = await site.author.plot()
    for _ in range(5):
        await hand.accept(await site.author.character(plot_id))
    async with (
        await asyncio.start_server(silent, "127.0.0.1", 0) as server,
        open_queue(site.env["LIMNER_REDIS_URL"]) as queue,
        open_bus("redis://{}:{}".format(*server.sockets[0].getsockname())) as bus,
        asyncio.timeout(FEW_TELLINGS_SECONDS),
    ):
        announcer, history = Announcer(bus, queue), History(hand.database)
        cancel = Cancel(hand.ledger, Plots(hand.database), history, announcer)
        await cancel.plot(plot_id, LOCAL_OWNER)
    assert (await site.author.ask("GET", f"/api/plots/{plot_id}")).status == 404


@pytest.mark.parametrize("noun", ["character", "plot"])
async def test_without_redis_it_ends_with_the_next_look(
    api: Start, tmp_path: Path, noun: str
) -> None:
    async with api(LIMNER_REDIS_URL=f"unix://{tmp_path}/nowhere.sock?db=0") as (_, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        path = f"/api/characters/{character_id}/image/events"
        async with watching(author.session, path) as stream:
            await stream.greeted()
            if noun == "character":
                await _delete(author, character_id)
            else:
                await author.ask("DELETE", f"/api/plots/{plot_id}")
            async with asyncio.timeout(5):
                await stream.rest()


async def test_nobody_is_ended_before_being_given_what_there_is() -> None:
    past = Memory(newest=1, slow_turns=3, deleted={"somebody"})
    async with at_work(past) as hub:
        with watched(hub) as topic:
            behind, other = Follower(1, "somebody"), Follower(1, "somebody else")
            assert hub.join(topic, behind, 1)
            assert hub.join(topic, other, 1)
            past.newest = 3  # of which nobody was told
            hub.on_gap()
            await settle()
            assert behind.got == [2, 3]
            assert {behind.has_ended, other.has_ended} == {False}, "it was behind at this look"
            hub.on_gap()
            await settle()
            assert (behind.has_ended, other.has_ended) == (True, False)
            past.newest = 4
            hub.on_message(*published(4))
            assert behind.got == [2, 3]
            assert other.got == [2, 3, 4]


async def test_who_comes_to_a_deleted_character_too_late_is_ended_with_the_next_look() -> None:
    past = Memory(newest=1, deleted={"somebody"})
    async with at_work(past) as hub:
        with watched(hub) as topic:
            hub.on_gap()
            await settle()
            late = Follower(1, "somebody")
            assert hub.join(topic, late, 1)
            hub.on_gap()
            await settle()
            assert late.has_ended
