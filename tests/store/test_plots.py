"""Plots: made, read in pages, changed."""

import asyncio
from datetime import datetime

import pytest

from limner.domain.errors import NotFoundError
from store.story import OWNER, Story, fresh


async def test_a_new_plot_is_at_zero_with_nobody_in_it(story: Story) -> None:
    plot = await story.plots.get(story.plot_id, OWNER)
    assert (plot.title, plot.style) == ("The Lighthouse", "watercolour")
    assert (plot.seq, plot.character_count) == (0, 0)
    assert plot.created_at <= plot.updated_at


async def test_only_what_is_given_is_changed(story: Story) -> None:
    before = await story.plots.get(story.plot_id, OWNER)
    plot = await story.plots.change(story.plot_id, OWNER, title="The Storm", style=None)
    assert (plot.title, plot.style) == ("The Storm", "watercolour")
    assert plot.updated_at > before.updated_at
    plot = await story.plots.change(story.plot_id, OWNER, title=None, style="")
    assert (plot.title, plot.style) == ("The Storm", "")


async def test_a_plot_that_is_not_there_can_not_be_changed(story: Story) -> None:
    for plot_id, owner in ((fresh(), OWNER), (story.plot_id, "bob")):
        with pytest.raises(NotFoundError):
            await story.plots.change(plot_id, owner, title="x", style=None)


async def test_removed_characters_are_not_counted(story: Story) -> None:
    _, gone = await story.somebody(), await story.somebody()
    await story.ledger.remove_character(gone, OWNER)
    assert (await story.plots.get(story.plot_id, OWNER)).character_count == 1
    (listed,) = await story.plots.page(OWNER, before=None, count=9)
    assert listed.character_count == 1


async def pages(story: Story, count: int) -> list[list[str]]:
    """The ids of all pages, up to the empty one."""
    found: list[list[str]] = []
    before: tuple[datetime, str] | None = None
    while page := await story.plots.page(OWNER, before=before, count=count):
        found.append([plot.id for plot in page])
        before = (page[-1].created_at, page[-1].id)
    return found


async def test_plots_come_newest_first_and_each_on_one_page(story: Story) -> None:
    made = [story.plot_id]
    for _ in range(6):
        made.append((await Story.begun(story.database)).plot_id)  # noqa: PERF401 - one by one
    made.reverse()
    assert await pages(story, 3) == [made[:3], made[3:6], made[6:]]


async def test_plots_of_the_same_instant_come_once_each(story: Story) -> None:
    await asyncio.gather(*(Story.begun(story.database) for _ in range(6)))
    await story.rows("UPDATE plots SET created_at = '2026-01-01T00:00:00Z'")
    found = [plot_id for page in await pages(story, 2) for plot_id in page]
    assert len(found) == 7
    assert found == sorted(set(found), reverse=True)


async def test_a_plot_made_while_somebody_turns_pages_disturbs_nothing(story: Story) -> None:
    for _ in range(3):
        await Story.begun(story.database)
    first = await story.plots.page(OWNER, before=None, count=2)
    await Story.begun(story.database)
    rest = await story.plots.page(OWNER, before=(first[-1].created_at, first[-1].id), count=9)
    assert len({plot.id for plot in first + rest}) == len(first + rest) == 4


async def test_a_page_has_only_the_owners_plots(story: Story) -> None:
    await story.plots.add("bob", title="The Other", style="")
    assert await pages(story, 9) == [[story.plot_id]]
