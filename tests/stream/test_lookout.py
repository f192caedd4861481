"""Who looks at the queue for all who watch it: seldom, and for nobody not at all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from limner.bus.events import Event
from limner.bus.hub import Hub
from limner.bus.publish import open_bus
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.plot import LOCAL_OWNER
from limner.domain.survey import Survey
from limner.domain.transition import status_object
from limner.encoding import encode
from limner.flows.survey import Lookout, QueueWatch
from limner.store.characters import Characters
from limner.store.database import Database, open_database
from limner.store.history import History
from limner.store.plots import Plots
from limner.store.surveys import Surveys
from limner.web.stream import EndedError
from stream.hand import Hand
from stream.memory import PLOT, transition


class Counted(Surveys):
    """Surveys that know how often they were made."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.made = 0
        self.begun = asyncio.Event()

    async def newest(self, *, count: int) -> Survey:
        self.made += 1
        self.begun.set()
        return await super().newest(count=count)


@dataclass(eq=False)
class Watcher:
    """Somebody who takes what comes, unless busy."""

    is_busy: bool = False
    got: list[Event] = field(default_factory=list)

    def deliver(self, event: Event) -> None:
        self.got.append(event)

    async def ready(self) -> None:
        """Nothing is kept back here."""

    def turn_away(self) -> None:
        """Nobody here goes before the test says so."""


@dataclass(frozen=True)
class Post:
    """A lookout that looks when the test says so, and a hand that gives it something to see."""

    hub: Hub
    surveys: Counted
    lookout: Lookout
    hand: Hand
    character_id: str
    closing: AsyncExitStack

    def stir(self) -> None:
        """It is heard that something has happened, somewhere."""
        self.hub.on_message(f"limner:plot:{PLOT}", encode(status_object(transition(1))))


@pytest.fixture
async def post(database_url: str, redis_url: str) -> AsyncIterator[Post]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url, connections=2))
        plot = await Plots(database).add(LOCAL_OWNER, title="The Cupboard", style="")
        character = await Characters(database).add(
            plot.id, LOCAL_OWNER, name="Dursley", description=""
        )
        hand = Hand(database, await stack.enter_async_context(open_bus(redis_url)))
        hub, surveys = Hub(History(database)), Counted(database)
        yield Post(hub, surveys, Lookout(hub, surveys), hand, character.id, stack)


@contextmanager
def watching(lookout: Lookout) -> Iterator[QueueWatch]:
    """The queue, watched for as long as the block runs."""
    watch = lookout.watch()
    try:
        yield watch
    finally:
        watch.leave()


async def test_all_who_watch_are_shown_what_was_read_once(post: Post) -> None:
    watchers = [Watcher() for _ in range(20)]
    with ExitStack() as stack:
        watches = [stack.enter_context(watching(post.lookout)) for _ in watchers]
        await asyncio.gather(
            *(watch.bring_in(each) for watch, each in zip(watches, watchers, strict=True))
        )
        assert post.surveys.made == 1
        await post.hand.accept(post.character_id)
        for _ in range(20):
            post.stir()
        await post.lookout()
        assert post.surveys.made == 2
    assert {len(watcher.got) for watcher in watchers} == {2}
    assert len({id(event) for watcher in watchers for event in watcher.got}) == 2


async def test_nothing_is_read_while_nothing_happens_or_nobody_watches(post: Post) -> None:
    watcher = Watcher()
    with watching(post.lookout) as watch:
        await watch.bring_in(watcher)
        await post.closing.aclose()  # from here on every question is an error
        await post.lookout()
        post.stir()
        with pytest.raises(DatabaseUnavailableError):
            await post.lookout()
        with pytest.raises(DatabaseUnavailableError):  # it is still not known what has happened
            await post.lookout()
    post.stir()
    await post.lookout()
    assert len(watcher.got) == 1
    assert not post.hub.taps


async def test_who_comes_when_it_can_not_be_read_is_told_so_and_leaves_nothing_behind(
    post: Post,
) -> None:
    await post.closing.aclose()
    with pytest.raises(DatabaseUnavailableError), watching(post.lookout) as watch:
        await watch.bring_in(Watcher())
    await post.lookout()
    assert not post.hub.taps


async def test_who_has_left_before_being_shown_anything_is_not_kept(post: Post) -> None:
    class Gone(Watcher):
        async def ready(self) -> None:
            raise EndedError

    gone = Gone()
    with watching(post.lookout) as watch:
        await watch.bring_in(Watcher())
        left = post.lookout.watch()
        left.leave()
        with pytest.raises(EndedError):
            await left.bring_in(gone)
        await post.hand.accept(post.character_id)
        post.stir()
        await post.lookout()
    assert gone.got == []


async def test_who_does_not_keep_up_gets_the_newest_view_and_none_in_between(post: Post) -> None:
    slow, quick = Watcher(), Watcher()
    with watching(post.lookout) as first, watching(post.lookout) as second:
        await asyncio.gather(first.bring_in(slow), second.bring_in(quick))
        slow.is_busy = True
        pending = await post.hand.accept(post.character_id)
        post.stir()
        await post.lookout()
        await post.hand.take(pending.task_id)
        post.stir()
        await post.lookout()
        assert (len(slow.got), len(quick.got)) == (1, 3)
        slow.is_busy = False
        await post.lookout()
        assert slow.got == [quick.got[0], quick.got[2]]


async def test_what_happens_while_it_is_read_is_read_again(post: Post) -> None:
    watcher = Watcher()
    with watching(post.lookout) as watch:
        await watch.bring_in(watcher)
        post.surveys.begun.clear()
        post.stir()
        looking = asyncio.create_task(post.lookout())
        await post.surveys.begun.wait()
        post.stir()
        await looking
        await post.lookout()
        assert post.surveys.made == 3


async def test_what_anybody_may_publish_hurts_nobody(post: Post) -> None:
    watcher = Watcher()
    pending = await post.hand.accept(post.character_id)
    await post.hand.take(pending.task_id)
    hint = {"character_id": post.character_id, "task_id": pending.task_id, "progress": 0.4}
    deep = b"[" * 100_000
    for_nobody = encode({**hint, "task_id": "no such task"})
    with watching(post.lookout) as watch:
        await watch.bring_in(watcher)
        for message in (
            b"",
            b"\xff",
            b'"task_id"',
            b'["task_id"]',
            b'"task_id"' + deep,
            for_nobody,
        ):
            post.hub.on_message("limner:hint:x", message)
        post.hub.on_message("limner:hint:x", encode(hint))
        await post.lookout()
    assert [event.data for event in watcher.got[1:]] == [encode(hint)]
