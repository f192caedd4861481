"""The queue's own stream: the whole of it, each time that it changed, to all who watch."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from limner.bus.publish import open_bus
from limner.embedded import PostgresServer
from limner.embedded.processes import send
from limner.store.database import Database
from limner.store.migrate import migrate
from stage.author import Author
from stage.process import Process
from stage.reader import Event, Stream, watching
from stream.hand import Hand

PATH = "/api/queue/events"
LATER = range(5000, 15001)
"""When who is not let in may come back: in milliseconds."""

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]


@dataclass(frozen=True)
class Queue:
    """An API whose queue nobody works on but the test."""

    process: Process
    author: Author
    hand: Hand
    character_id: str


@pytest.fixture
async def queue(api: Start, database: Database, redis_url: str) -> AsyncIterator[Queue]:
    async with api() as (process, author), open_bus(redis_url) as bus:
        character_id = await author.character(await author.plot())
        yield Queue(process, author, Hand(database, bus), character_id)


def _shows(name: str, task_id: str) -> Callable[[Event], bool]:
    """Whether an event has this generation in this list."""

    def shows(event: Event) -> bool:
        listed: Any = event.json[name] if event.name == "queue" else []
        return any(entry["task_id"] == task_id for entry in listed)

    return shows


async def test_each_transition_appears_by_itself(queue: Queue) -> None:
    hand = queue.hand
    async with watching(queue.author.session, PATH) as stream:
        first = await stream.next("queue")
        assert first.json["counts"] == {
            "pending": 0,
            "generating": 0,
            "late": 0,
            "completed": 0,
            "failed": 0,
            "canceled": 0,
            "window_seconds": 3600,
        }
        pending = await hand.accept(queue.character_id)
        await hand.tell(pending)
        await stream.find(_shows("pending", pending.task_id))
        taken = await hand.take(pending.task_id)
        await hand.tell(taken.transition)
        drawn = await stream.find(_shows("generating", pending.task_id))
        assert drawn.json["pending"] == []
        await hand.tell(await hand.complete(taken))
        last = await stream.find(_shows("finished", pending.task_id))
    assert (await queue.author.ask("GET", "/api/queue")).json["counts"] == last.json["counts"]
    assert {event.own_id for event in stream.events} == {None}


async def test_progress_of_what_is_drawn_is_passed_on(queue: Queue) -> None:
    hand = queue.hand
    pending = await hand.accept(queue.character_id)
    await hand.take(pending.task_id)
    hint = {"character_id": queue.character_id, "task_id": pending.task_id, "progress": 0.4}
    async with watching(queue.author.session, PATH) as stream:
        await stream.next("queue")
        await hand.bus.hint(pending.plot_id, {**hint, "task_id": pending.plot_id})
        await hand.bus.hint(pending.plot_id, hint)
        assert (await stream.next("progress")).json == hint
        async with watching(queue.author.session, PATH) as late:
            assert (await late.next("progress")).json == hint, "what was heard last"


async def test_however_much_happens_there_is_a_view_a_second_at_most(queue: Queue) -> None:
    async def work() -> None:
        while True:
            await queue.hand.tell(*await queue.hand.draw(queue.character_id))

    async with watching(queue.author.session, PATH) as stream:
        working = asyncio.create_task(work())
        views = [await stream.next("queue") for _ in range(4)]
        working.cancel()
    moments = [datetime.fromisoformat(str(view.json["at"])) for view in views]
    # the first is read for who comes; from then on by the clock
    for sooner, later in pairwise(moments[1:]):
        assert (later - sooner).total_seconds() >= 1


async def test_a_queue_in_which_nothing_happens_is_not_told_again(
    api: Start, database: Database, redis_url: str
) -> None:
    async with api(LIMNER_HEARTBEAT_SECONDS="2") as (_, author), open_bus(redis_url) as bus:
        await Hand(database, bus).accept(await author.character(await author.plot()))
        async with watching(author.session, PATH) as stream:
            for _ in range(2):  # for longer than until it is looked at by the clock
                await stream.next("heartbeat")
        assert [event.name for event in stream.events].count("queue") == 1


async def test_without_redis_it_is_found_within_five_seconds(
    api: Start, database: Database, tmp_path: Path
) -> None:
    nowhere = f"unix://{tmp_path}/nowhere.sock?db=0"
    async with api(LIMNER_REDIS_URL=nowhere) as (_, author), open_bus(nowhere) as bus:
        character_id = await author.character(await author.plot())
        async with watching(author.session, PATH) as stream:
            await stream.next("queue")
            pending = await Hand(database, bus).accept(character_id)
            async with asyncio.timeout(5):
                await stream.find(_shows("pending", pending.task_id))


async def test_while_postgres_says_nothing_nobody_is_left_believing_what_they_saw_last(
    api: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("frozen")
    async with PostgresServer(folder, {"fsync": "off"}) as postgres:
        await migrate(postgres.url)
        async with api(LIMNER_DATABASE_URL=postgres.url) as (_, author):
            async with watching(author.session, PATH) as stream:
                await stream.next("queue")
                send(signal.SIGSTOP, postgres.place)
                try:
                    async with asyncio.timeout(10):
                        await stream.rest()
                    assert stream.parser.retry_ms in LATER
                    async with watching(author.session, PATH) as away:
                        assert await away.rest() == []
                        assert away.parser.retry_ms in LATER
                    assert (await author.ask("GET", "/api/queue")).status == 503
                finally:
                    send(signal.SIGCONT, postgres.place)
            async with watching(author.session, PATH) as again:
                await again.next("queue")


async def test_a_server_that_stops_ends_it_at_once_and_properly(queue: Queue) -> None:
    async with watching(queue.author.session, PATH) as stream:
        await stream.next("queue")
        queue.process.send(signal.SIGTERM)
        async with asyncio.timeout(1):
            await stream.rest()
    async with asyncio.timeout(5):
        assert await queue.process.ended() == 0
    assert not [line for line in queue.process.lines if line["level"] in {"error", "critical"}]


async def test_it_counts_as_a_stream_among_the_others(api: Start) -> None:
    async with api(LIMNER_MAX_STREAMS="1") as (_, author):
        async with watching(author.session, PATH) as stream:
            await stream.next("queue")
            for path in (PATH, f"/api/plots/{await author.plot()}/events"):
                async with watching(author.session, path) as away:
                    assert await away.rest() == []
                    assert away.parser.retry_ms in LATER
        async with asyncio.timeout(10):  # until it has been seen to leave
            while not await _is_let_in(author):
                pass


async def _is_let_in(author: Author) -> bool:
    async with watching(author.session, PATH) as stream:
        await stream.greeted()
        return stream.parser.retry_ms not in LATER


async def test_two_who_watch_see_the_same(queue: Queue) -> None:
    async def see(stream: Stream, task_id: str) -> Event:
        return await stream.find(_shows("pending", task_id))

    session = queue.author.session
    async with watching(session, PATH) as one, watching(session, PATH) as other:
        await asyncio.gather(one.next("queue"), other.next("queue"))
        pending = await queue.hand.accept(queue.character_id)
        await queue.hand.tell(pending)
        seen = await asyncio.gather(see(one, pending.task_id), see(other, pending.task_id))
    assert seen[0].data == seen[1].data
