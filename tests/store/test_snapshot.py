"""A snapshot is one instant: a number, and all that had happened up to it."""

import asyncio

from limner.domain.transition import Transition
from limner.store.history import Snapshot
from store.story import Story


async def test_an_empty_plot_is_at_zero(story: Story) -> None:
    await story.somebody()
    assert await story.history.snapshot(story.plot_id) == Snapshot(0, [])


async def test_each_drawn_character_is_there_once_in_order_of_its_number(story: Story) -> None:
    first, second = await story.somebody(), await story.somebody()
    await story.somebody()
    await story.drawn(first)
    flying = await story.ask(second)
    again = await story.ask(first)
    snapshot = await story.history.snapshot(story.plot_id)
    assert snapshot.seq == 5
    assert snapshot.newest == [flying.transition, again.transition]


def newest_up_to(told: list[Transition], seq: int) -> list[Transition]:
    """What a snapshot at a number must hold, made from the whole history."""
    heads = {each.character_id: each for each in told if each.seq <= seq}
    return sorted(heads.values(), key=lambda each: each.seq)


async def test_a_snapshot_taken_amid_moves_holds_exactly_what_its_number_says(
    story: Story,
) -> None:
    snapshots: list[Snapshot] = []
    people = [await story.somebody() for _ in range(20)]
    drawing = asyncio.gather(*(story.drawn(character_id) for character_id in people))

    async def look() -> None:
        while not drawing.done():
            snapshots.append(await story.history.snapshot(story.plot_id))

    await asyncio.gather(drawing, look())
    told = await story.told()
    amid = {snapshot.seq for snapshot in snapshots} - {0, 60}
    assert len(amid) > 5
    for snapshot in snapshots:
        assert snapshot.newest == newest_up_to(told, snapshot.seq)
