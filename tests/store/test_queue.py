"""Places in the queue: those of all who wait, as of one instant."""

from uuid import uuid4

from store.story import OWNER, Story


async def _places(story: Story, *plot_ids: str) -> dict[str, int]:
    found = await story.history.waiting(list(plot_ids or (story.plot_id,)))
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
    found = await story.history.waiting([story.plot_id, quiet.plot_id, str(uuid4())])
    assert found.keys() == {story.plot_id, quiet.plot_id}
    assert (found[quiet.plot_id].seq, found[quiet.plot_id].places) == (0, [])
    waiting = found[story.plot_id]
    (place,) = waiting.places
    assert (waiting.seq, place.character_id, place.task_id) == (4, character_id, task_id)
    assert await story.history.waiting([]) == {}


async def test_a_character_is_gone_when_it_or_its_plot_was_deleted(story: Story) -> None:
    other = await Story.begun(story.database)
    kept, deleted, lost = await story.somebody(), await story.somebody(), await other.somebody()
    assert await story.history.gone([kept, deleted, lost]) == set()
    await story.ledger.remove_character(deleted, OWNER)
    await other.plots.remove(other.plot_id, OWNER)
    assert await story.history.gone([kept, deleted, lost]) == {deleted, lost}
    assert await story.history.gone([]) == set()
