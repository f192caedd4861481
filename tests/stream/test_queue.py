"""Who waits in the queue is told how many are before it, whenever that changes, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from faults.hired import GO, HELD
from limner.bus.hub import Hub
from limner.bus.publish import open_bus
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.plot import LOCAL_OWNER
from limner.domain.transition import Transition, status_object
from limner.encoding import encode
from limner.flows.places import Places
from limner.store.database import Database, open_database
from limner.store.history import History
from limner.store.plots import Plots
from stage.author import Author
from stage.process import BOUND_SECONDS, Process, running
from stage.reader import Event, Stream, watching
from stream.hand import Hand
from stream.memory import Follower, transition, watched

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Queue:
    """An API whose queue nobody works on but the test."""

    author: Author
    hand: Hand
    plot_id: str
    cast: list[str]
    pending: list[Transition]

    @asynccontextmanager
    async def watching(self, **more: int) -> AsyncIterator[Stream]:
        path = f"/api/plots/{self.plot_id}/events"
        async with watching(self.author.session, path, **more) as stream:
            yield stream

    async def take(self, which: int) -> None:
        """Somebody begins to draw one, and says so."""
        await self.hand.tell((await self.hand.take(self.pending[which].task_id)).transition)


@pytest.fixture
async def queue(api: Start, database: Database, redis_url: str) -> AsyncIterator[Queue]:
    """Three of one plot wait, in the order in which they were asked for."""
    async with api() as (_, author), open_bus(redis_url) as bus:
        hand = Hand(database, bus)
        plot_id = await author.plot()
        cast = [await author.character(plot_id, name) for name in ("Ada", "Bea", "Cid")]
        yield Queue(author, hand, plot_id, cast, [await hand.accept(one) for one in cast])


def _is_queued(event: Event) -> bool:
    return event.name == "progress" and event.json["stage"] == "queued"


async def _places(stream: Stream, count: int) -> dict[object, object]:
    """The next so many places that are told, by whose they are."""
    told = [(await stream.find(_is_queued)).json for _ in range(count)]
    assert len({place["character_id"] for place in told}) == count
    return {place["character_id"]: place["queue_position"] for place in told}


def _heard(events: Iterable[Event], character_id: str) -> list[str]:
    """What was told of one, in order."""
    return [
        str(event.json.get("status", event.json.get("stage")))
        for event in events
        if event.json.get("character_id") == character_id
    ]


async def test_places_are_told_and_told_again_when_they_change(queue: Queue) -> None:
    ada, bea, cid = queue.cast
    async with queue.watching() as stream:
        assert await _places(stream, 3) == {ada: 0, bea: 1, cid: 2}
        await queue.take(0)
        assert await _places(stream, 2) == {bea: 0, cid: 1}
        await queue.take(2)
        elsewhere = await queue.author.character(await queue.author.plot())
        await queue.hand.tell(await queue.hand.accept(elsewhere))
        last = await queue.hand.accept(ada_again := await queue.author.character(queue.plot_id))
        await queue.hand.tell(last)
        assert await _places(stream, 1) == {ada_again: 2}, "behind Bea, and one of another plot"
        heard = list(stream.events)
    assert _heard(heard, ada) == ["pending", "queued", "generating"]
    assert _heard(heard, bea) == ["pending", "queued", "queued"], "and nothing while it stays"
    assert _heard(heard, cid) == ["pending", "queued", "queued", "generating"]


async def test_a_place_is_a_progress_event_that_claims_no_progress(queue: Queue) -> None:
    async with queue.watching() as stream:
        place = await stream.find(_is_queued)
    assert place.own_id is None
    assert place.json == {
        "character_id": queue.cast[0],
        "task_id": queue.pending[0].task_id,
        "progress": None,
        "progress_kind": "estimated",
        "eta_seconds": None,
        "queue_position": 0,
        "stage": "queued",
        "preview_url": None,
    }


@pytest.mark.parametrize("seen", [None, 0, 3])
async def test_who_joins_later_hears_the_places_after_the_past(
    queue: Queue, seen: int | None
) -> None:
    async with queue.watching() as first:
        await _places(first, 3)
        await queue.take(0)
        await _places(first, 2)
        more = {} if seen is None else {"last_event_id": seen}
        async with queue.watching(**more) as late:
            assert await _places(late, 2) == {queue.cast[1]: 0, queue.cast[2]: 1}
            ids = [event.own_id for event in late.events if event.name == "status"]
            assert ids == {None: ["2", "3", "4"], 0: ["1", "2", "3", "4"], 3: ["4"]}[seen]
            assert "queued" not in _heard(late.events, queue.cast[0])
        assert first.events[-1].name == "progress", "and nobody else hears them again"


async def test_a_character_hears_of_its_own_place_alone(queue: Queue) -> None:
    path = f"/api/characters/{queue.cast[1]}/image/events"
    async with watching(queue.author.session, path) as stream:
        assert await _places(stream, 1) == {queue.cast[1]: 1}
        await queue.take(0)
        assert await _places(stream, 1) == {queue.cast[1]: 0}
        taken = await queue.hand.take(queue.pending[1].task_id)
        await queue.hand.tell(taken.transition, await queue.hand.complete(taken))
        await stream.rest()
    assert {event.json["character_id"] for event in stream.events} == {queue.cast[1]}
    assert _heard(stream.events, queue.cast[1])[-2:] == ["generating", "completed"]


async def test_a_move_that_nobody_told_of_moves_the_others_all_the_same(queue: Queue) -> None:
    ada, bea, cid = queue.cast
    other = await queue.author.plot()
    elsewhere = await queue.hand.accept(await queue.author.character(other))
    async with watching(queue.author.session, f"/api/plots/{other}/events") as stream:
        assert await _places(stream, 1) == {elsewhere.character_id: 3}
        await queue.author.ask("DELETE", f"/api/plots/{queue.plot_id}")  # it has no followers here
        async with asyncio.timeout(5):
            assert await _places(stream, 1) == {elsewhere.character_id: 0}
    assert {ada, bea, cid}.isdisjoint(event.json.get("character_id") for event in stream.events)


async def test_a_lost_attempt_waits_behind_those_who_came_before_its_return(queue: Queue) -> None:
    ada, bea, cid = queue.cast
    async with queue.watching() as stream:
        await _places(stream, 3)
        taken = await queue.hand.take(queue.pending[0].task_id)
        returned = await queue.hand.ledger.give_back(
            taken.transition.task_id, token=taken.token, reason="Lost.", move=str(uuid4())
        )
        assert returned is not None
        await queue.hand.tell(taken.transition, returned.transition)
        assert await _places(stream, 3) == {bea: 0, cid: 1, ada: 2}
    assert _heard(stream.events, ada) == ["pending", "queued", "generating", "pending", "queued"]


async def test_without_redis_places_are_told_a_little_later(
    api: Start, database: Database, tmp_path: Path
) -> None:
    nowhere = f"unix://{tmp_path}/nowhere.sock?db=0"
    async with api(LIMNER_REDIS_URL=nowhere) as (_, author), open_bus(nowhere) as bus:
        hand = Hand(database, bus)
        plot_id = await author.plot()
        ada, bea = [await author.character(plot_id, name) for name in ("Ada", "Bea")]
        async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
            await stream.greeted()
            pending = [await hand.accept(ada), await hand.accept(bea)]
            async with asyncio.timeout(5):
                assert await _places(stream, 2) == {ada: 0, bea: 1}
            await hand.take(pending[0].task_id)
            async with asyncio.timeout(5):
                assert await _places(stream, 1) == {bea: 0}
        assert _heard(stream.events, ada) == ["pending", "queued", "generating"]
        assert _heard(stream.events, bea) == ["pending", "queued", "queued"]


async def test_nothing_is_asked_while_nobody_who_is_followed_waits(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url, connections=1))
        plot = await Plots(database).add(LOCAL_OWNER, title="The Cupboard", style="")
        hub = Hub(history := History(database))
        places = Places(hub, history)
        with watched(hub, plot.id) as topic:
            assert hub.join(topic, Follower(0), 0)
            await places()
            await stack.aclose()  # from here on every question is an error
            await places()
            hub.on_message(f"limner:plot:{plot.id}", encode(status_object(transition(1))))
            with pytest.raises(DatabaseUnavailableError):
                await places()
        await places()


async def test_a_worker_with_one_place_draws_them_in_the_order_that_was_told(
    api: Start, env: dict[str, str]
) -> None:
    led = {**env, "PYTHONPATH": str(TESTS), "LIMNER_WORKER_CONCURRENCY": "1"}
    async with api() as (_, author), running("hired", env=led, module="faults.hired") as worker:
        await worker.said("Waiting for generations")
        plot_id = await author.plot()
        cast = [await author.character(plot_id, HELD) for _ in range(4)]
        async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
            await stream.greeted()
            for one in cast:
                await author.draw(one)
            told: dict[object, object] = {}
            async with asyncio.timeout(BOUND_SECONDS):
                while told != {cast[1]: 0, cast[2]: 1, cast[3]: 2}:
                    told |= await _places(stream, 1)
                    told.pop(cast[0], None)
            worker.send(GO)
            ends = [
                (await stream.find(lambda event: event.json.get("status") == "completed")).json
                for _ in cast
            ]
        assert [end["character_id"] for end in ends] == cast
        for one in cast:
            heard = _heard(stream.events, one)
            assert "queued" not in heard[heard.index("generating") :]
