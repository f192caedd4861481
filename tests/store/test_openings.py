"""What streams begin with, for many plots in one question, against one plot at a time."""

import asyncio
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.domain.errors import NotFoundError
from limner.store.database import open_database
from limner.store.history import Ask, PlotNow
from store.story import OWNER, Story

STORIES, CAST = 3, 3
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ask", "draw", "remove"]),
        st.integers(0, STORIES - 1),
        st.integers(0, CAST - 1),
    ),
    max_size=8,
)
ASKS = st.lists(
    st.tuples(st.integers(0, STORIES + 1), st.none() | st.integers(0, 9)), min_size=1, max_size=8
)


async def _expected(story: Story | None, after: int | None, count: int) -> PlotNow | None:
    """By the whole history, and who is still there."""
    if story is None:
        return None
    told = await story.told()
    there = {one.id for one in await story.characters.of_plot(story.plot_id, OWNER)}
    seq = told[-1].seq if told else 0
    if after is not None and after <= seq:
        missed = [each for each in told if each.seq > after][:count]
        return PlotNow(OWNER, seq, is_snapshot=False, transitions=missed)
    heads = {each.character_id: each for each in told if each.character_id in there}
    newest = sorted(heads.values(), key=lambda each: each.seq)
    return PlotNow(OWNER, seq, is_snapshot=True, transitions=newest)


async def _play(
    url: str, moves: list[tuple[str, int, int]], asked: list[tuple[int, int | None]], count: int
) -> None:
    async with open_database(url, connections=1) as database:
        stories = [await Story.begun(database, OWNER) for _ in range(STORIES)]
        people = [[await story.somebody() for _ in range(CAST)] for story in stories]
        for move, number, who in moves:
            story, character_id = stories[number], people[number][who]
            try:
                match move:
                    case "ask":
                        await story.ask(character_id)
                    case "draw":
                        task_id = (await story.ask(character_id)).transition.task_id
                        await story.complete(await story.take(task_id))
                    case "remove":
                        await story.ledger.remove_character(character_id, OWNER)
            except NotFoundError:
                pass  # it was removed before
        removed, never = await Story.begun(database, OWNER), str(uuid4())
        await removed.plots.remove(removed.plot_id, OWNER)
        plot_ids = [*(story.plot_id for story in stories), removed.plot_id, never]
        found = await stories[0].history.openings(
            [Ask(plot_ids[number], after) for number, after in asked], count=count
        )
        told = [*stories, None, None]
        assert found == [await _expected(told[number], after, count) for number, after in asked]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES, asked=ASKS, count=st.integers(1, 10))
def test_each_is_answered_as_if_it_were_asked_alone(
    database_url: str,
    moves: list[tuple[str, int, int]],
    asked: list[tuple[int, int | None]],
    count: int,
) -> None:
    asyncio.run(_play(database_url, moves, asked, count))


async def test_all_that_is_answered_is_of_one_instant(story: Story) -> None:
    people = [await story.somebody() for _ in range(10)]
    drawing = asyncio.create_task(story.draw_all(people, hands=2), name="drawing")
    amid: set[int] = set()

    async def look() -> None:
        while not drawing.done():
            snapshot, replay = await story.history.openings(
                [Ask(story.plot_id, None), Ask(story.plot_id, 0)], count=10_000
            )
            assert snapshot is not None
            assert replay is not None
            assert snapshot.seq == replay.seq == len(replay.transitions)
            heads = {each.character_id: each for each in replay.transitions}
            assert snapshot.transitions == sorted(heads.values(), key=lambda each: each.seq)
            amid.add(snapshot.seq)

    await asyncio.gather(drawing, look())
    assert len(amid) > 2


async def test_who_asks_nothing_is_answered_nothing(story: Story) -> None:
    assert await story.history.openings([], count=9) == []
