"""Places in the queue: those of all who wait, as of one instant."""

from uuid import uuid4

from store.story import OWNER, Story


async def _places(story: Story, *plot_ids: str) -> dict[str, int]:
    found = await story.history.waiting(dict.fromkeys(plot_ids or (story.plot_id,), 0))
    return {place.task_id: place.position for waiting in found.values() for place in waiting.places}


async def test_those_who_wait_stand_in_the_order_in_which_they_were_handed_over(
    story: Story,
) -> None:
    other = await Story.begun(story.database)
    first, elsewhere, third = await story.waiting(), await other.waiting(), await story.waiting()
    assert await _places(story) == {first: 0, third: 2}
    taken = await story.take(first)
    assert await _places(story) == {third: 1}
    assert await story.give_back(taken)
    assert await _places(story) == {third: 1, first: 2}
    assert await _places(story, story.plot_id, other.plot_id) == {elsewhere: 0, third: 1, first: 2}
    assert await story.ledger.cancel(elsewhere, move=str(uuid4()))
    assert await _places(story, story.plot_id, other.plot_id) == {third: 0, first: 1}


async def test_places_come_with_the_number_as_of_which_they_are_true(story: Story) -> None:
    quiet = await Story.begun(story.database)
    character_id = await story.somebody()
    task_id = (await story.ask(character_id)).transition.task_id
    await story.drawn()
    heads = dict.fromkeys([story.plot_id, quiet.plot_id, str(uuid4())], 0)
    found = await story.history.waiting(heads)
    assert found.keys() == {story.plot_id, quiet.plot_id}
    assert (found[quiet.plot_id].seq, found[quiet.plot_id].places) == (0, [])
    waiting = found[story.plot_id]
    (place,) = waiting.places
    assert (waiting.seq, place.character_id, place.task_id) == (4, character_id, task_id)
    assert await story.history.waiting({}) == {}


async def test_a_plot_that_has_come_further_than_it_is_thought_to_be_is_told_with_its_number(
    story: Story,
) -> None:
    moved, removed = await Story.begun(story.database), await Story.begun(story.database)
    await moved.drawn()
    await removed.plots.remove(removed.plot_id, OWNER)
    task_id = await story.waiting()
    for thought in (0, 1, 3, 7):  # behind, where it is, and where it never was
        heads = {story.plot_id: thought, moved.plot_id: thought, removed.plot_id: 0}
        found = await story.history.waiting(heads)
        assert {plot_id: waiting.seq for plot_id, waiting in found.items()} == {
            story.plot_id: 1,
            moved.plot_id: 3,
        }
        assert [place.task_id for place in found[story.plot_id].places] == [task_id]
        assert found[moved.plot_id].places == []


async def test_a_character_is_gone_when_it_or_its_plot_was_deleted(story: Story) -> None:
    other = await Story.begun(story.database)
    kept, deleted, lost = await story.somebody(), await story.somebody(), await other.somebody()
    assert await story.history.gone([kept, deleted, lost]) == set()
    await story.ledger.remove_character(deleted, OWNER)
    await other.plots.remove(other.plot_id, OWNER)
    assert await story.history.gone([kept, deleted, lost]) == {deleted, lost}
    assert await story.history.gone([]) == set()
