"""Topics and the hub in every order in which things can happen, with a past kept by the test."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.bus.hub import Hub
from limner.bus.topic import RECENT, Topic
from limner.domain.errors import DatabaseUnavailableError
from limner.domain.transition import Transition
from stream.memory import (
    PLOT,
    Follower,
    Memory,
    at_work,
    bring_in,
    places,
    published,
    settle,
    watched,
)

ACTIONS = st.one_of(
    st.tuples(st.just("commit"), st.booleans()),
    st.tuples(st.just("publish"), st.integers(0, 6)),
    st.tuples(st.just("join"), st.integers(0, 6)),
    st.tuples(st.just("leave"), st.integers(0, 6)),
    st.tuples(st.just("sweep"), st.just(0)),
    st.tuples(st.just("place"), st.integers(0, 8)),
    st.tuples(st.just("turns"), st.integers(1, 4)),
    st.tuples(st.just("away"), st.booleans()),
    st.tuples(st.just("forge"), st.integers(2, 10**12)),
)


@settings(max_examples=150, deadline=None)
@given(actions=st.lists(ACTIONS, max_size=60), slow_turns=st.integers(0, 5))
def test_every_follower_gets_every_number_once_in_order_and_places_that_are_true(
    actions: list[tuple[str, int]], slow_turns: int
) -> None:
    asyncio.run(_play(actions, slow_turns))


async def _play(actions: list[tuple[str, int]], slow_turns: int) -> None:
    past = Memory(slow_turns=slow_turns)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            play = Play(hub, topic, past)
            for action, value in actions:
                await getattr(play, action)(value)
            await asyncio.gather(*play.answers)
            past.is_away = False
            await settle()
            hub.on_gap()
            await settle()
            hub.place(topic, past.newest, places(past.newest))
            for follower, joining in play.followers:
                assert not follower.was_misled
                if isinstance(joining.exception(), DatabaseUnavailableError):
                    continue  # was told so, and comes again
                assert follower.seen == past.newest
                assert past.newest % 2 == 0 or follower.placed == past.newest
                assert not follower.has_ended


@dataclass
class Play:
    """What may happen to a topic."""

    hub: Hub
    topic: Topic
    past: Memory
    followers: list[tuple[Follower, "asyncio.Task[None]"]] = field(default_factory=list)
    answers: list["asyncio.Task[None]"] = field(default_factory=list)

    async def commit(self, is_published: int) -> None:
        self.past.newest += 1
        if is_published:
            self.hub.on_message(*published(self.past.newest))

    async def publish(self, back: int) -> None:
        """Late, twice, in any order."""
        if self.past.newest > back:
            self.hub.on_message(*published(self.past.newest - back))

    async def forge(self, ahead: int) -> None:
        self.hub.on_message(*published(self.past.newest + ahead))

    async def join(self, back: int) -> None:
        follower = Follower(max(self.past.newest - back, 0))
        joining = asyncio.create_task(bring_in(self.hub, self.past, self.topic, follower))
        self.followers.append((follower, joining))

    async def leave(self, which: int) -> None:
        if len(self.followers) > which:
            follower, joining = self.followers.pop(which)
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)
            self.topic.leave(follower)

    async def sweep(self, _: int) -> None:
        self.hub.on_gap()

    async def place(self, turns: int) -> None:
        """An answer that was true when it was asked for, and takes its time."""

        async def answer(seq: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            self.hub.place(self.topic, seq, places(seq))

        self.answers.append(asyncio.create_task(answer(self.past.newest)))

    async def away(self, is_away: int) -> None:
        self.past.is_away = bool(is_away)

    async def turns(self, count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)


async def test_a_number_skipped_while_an_empty_answer_is_on_its_way_is_asked_for_again() -> None:
    past = Memory(newest=5, slow_turns=3)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            follower = Follower(5)
            assert hub.join(topic, follower, 5)
            hub.on_message(*published(1000))  # asks, and there is nothing
            await asyncio.sleep(0)
            past.newest = 7
            hub.on_message(*published(7))  # 6 was lost
            await settle()
            assert follower.got == [6, 7]


async def test_a_number_that_was_forged_before_anybody_joined_is_not_believed() -> None:
    past = Memory(newest=5)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            hub.on_message(*published(2**62))
            hub.on_message(*published(7))
            follower = Follower(5)
            assert hub.join(topic, follower, 5)
            past.newest = 6
            hub.on_message(*published(6))
            await settle()
            assert follower.got == [6]


async def test_who_is_too_far_behind_reads_on_and_others_wait_for_nobody() -> None:
    past = Memory()
    async with at_work(past) as hub:
        with watched(hub) as topic:
            assert hub.join(topic, Follower(0), 0)
            for seq in range(1, RECENT + 3):
                past.newest = seq
                hub.on_message(*published(seq))
            assert hub.join(topic, Follower(2), 2)
            late = Follower(1)
            assert not hub.join(topic, late, 1)
            await bring_in(hub, past, topic, late)
            assert late.got == list(range(2, RECENT + 3))


async def test_who_joins_with_more_than_the_topic_had_brings_it_to_the_others() -> None:
    past = Memory(newest=3)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            first = Follower(3)
            assert hub.join(topic, first, 3)
            past.newest = 5
            assert hub.join(topic, Follower(5), 5)
            await settle()
            assert first.got == [4, 5]


async def test_a_plot_that_is_gone_ends_who_follows_and_who_comes_too_late() -> None:
    past = Memory(newest=3)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            first, late = Follower(3), Follower(3)
            hub.join(topic, first, 3)
            past.is_there = False
            hub.on_gap()
            await settle()
            assert first.has_ended
            assert hub.join(topic, late, 3)
            assert late.has_ended
            with watched(hub) as fresh:
                assert fresh is not topic


async def test_many_edits_of_a_plot_are_one_look() -> None:
    class Counting(Memory):
        looks = 0

        async def strayed(self, heads: dict[str, int]) -> dict[str, int | None]:
            self.looks += 1
            return await super().strayed(heads)

    past = Counting(newest=1)
    async with at_work(past, pause_seconds=1) as hub:
        with watched(hub) as topic:
            assert hub.join(topic, Follower(1), 1)
            for _ in range(3):
                hub.on_message(f"limner:hint:{PLOT}", b'{"plot_id":"it"}')
                await settle()
    assert past.looks <= 1


async def test_a_topic_nobody_watches_is_forgotten() -> None:
    async with at_work(Memory()) as hub:
        with watched(hub) as topic, watched(hub) as same:
            assert same is topic
        with watched(hub) as another:
            assert another is not topic


@pytest.mark.parametrize("broken", ["replay", "strayed"])
async def test_an_answer_that_breaks_ends_no_repair_to_come(broken: str) -> None:
    class Broken(Memory):
        is_broken = True

        async def replay(self, plot_id: str, *, after: int, count: int) -> list[Transition]:
            if self.is_broken and broken == "replay":
                raise LookupError("a defect")
            return await super().replay(plot_id, after=after, count=count)

        async def strayed(self, heads: dict[str, int]) -> dict[str, int | None]:
            if self.is_broken and broken == "strayed":
                raise LookupError("a defect")
            return await super().strayed(heads)

    past = Broken(newest=1)
    async with at_work(past) as hub:
        with watched(hub) as topic:
            follower = Follower(1)
            hub.join(topic, follower, 1)
            past.newest = 3
            hub.on_gap()
            await settle()
            assert follower.got == []
            past.is_broken = False
            hub.on_gap()
            await settle()
            assert follower.got == [2, 3]
