"""A snapshot is one instant: a number, and all that had happened up to it."""

import asyncio

from limner.domain.transition import Transition
from limner.store.history import PlotNow
from store.story import Story


async def test_an_empty_plot_is_at_zero(story: Story) -> None:
    await story.somebody()
    assert await story.now() == PlotNow(story.owner, 0, is_snapshot=True, transitions=[])


async def test_each_drawn_character_is_there_once_in_order_of_its_number(story: Story) -> None:
    first, second = await story.somebody(), await story.somebody()
    await story.somebody()
    await story.drawn(first)
    flying = await story.ask(second)
    again = await story.ask(first)
    newest = [flying.transition, again.transition]
    assert await story.now() == PlotNow(story.owner, 5, is_snapshot=True, transitions=newest)


def newest_up_to(told: list[Transition], seq: int) -> list[Transition]:
    """What a snapshot at a number must hold, made from the whole history."""
    heads = {each.character_id: each for each in told if each.seq <= seq}
    return sorted(heads.values(), key=lambda each: each.seq)


async def test_a_snapshot_taken_amid_moves_holds_exactly_what_its_number_says(
    story: Story,
) -> None:
    snapshots: list[PlotNow] = []
    people = [await story.somebody() for _ in range(20)]
    drawing = asyncio.create_task(story.draw_all(people, hands=2), name="drawing")

    async def look() -> None:
        while not drawing.done():
            now = await story.now()
            assert now is not None
            snapshots.append(now)

    await asyncio.gather(drawing, look())
    told = await story.told()
    amid = {snapshot.seq for snapshot in snapshots} - {0, 60}
    assert len(amid) > 1
    for snapshot in snapshots:
        assert snapshot.transitions == newest_up_to(told, snapshot.seq)
