"""Reading what happened: replay, polling, the generations of a character, images."""

import pytest

from limner.domain.errors import NotFoundError
from limner.store.history import Ask
from store.story import OWNER, Story, fresh, image_of


async def test_a_replay_begins_after_the_number_and_ends_at_the_count(story: Story) -> None:
    for _ in range(3):
        await story.drawn()
    replay = story.history.replay

    async def seqs(after: int, count: int) -> list[int]:
        return [told.seq for told in await replay(story.plot_id, after=after, count=count)]

    assert await seqs(0, 4) == [1, 2, 3, 4]
    assert await seqs(4, 4) == [5, 6, 7, 8]
    assert await seqs(8, 4) == [9]
    assert await seqs(9, 4) == []
    assert await seqs(99, 4) == []


async def test_a_transition_read_again_is_what_the_move_answered(story: Story) -> None:
    taken = await story.taken()
    returned = await story.give_back(taken)
    again = await story.take(taken.transition.task_id)
    done = await story.complete(again)
    assert returned is not None
    told = await story.told()
    assert told[1:] == [taken.transition, returned.transition, again.transition, done]


async def test_an_earlier_transition_still_tells_what_was_true_then(story: Story) -> None:
    taken = await story.taken()
    await story.complete(taken)
    pending, generating, completed = await story.told()
    assert (pending.attempt, pending.started_at, pending.image) == (0, None, None)
    assert (generating.attempt, generating.image) == (1, None)
    assert completed.image == image_of("a face")


async def test_a_poll_tells_the_newest_transition_of_the_newest_generation(story: Story) -> None:
    character_id = await story.somebody()
    polled = await story.history.poll(character_id, OWNER)
    assert (polled.character_id, polled.plot_id) == (character_id, story.plot_id)
    assert polled.transition is None
    await story.drawn(character_id)
    second = await story.ask(character_id)
    polled = await story.history.poll(character_id, OWNER)
    assert polled.transition == second.transition


async def test_the_generations_of_a_character_come_newest_first_and_in_pages(story: Story) -> None:
    character_id = await story.somebody()
    ids = [await story.drawn(character_id, content=content) for content in "abcde"]
    await story.drawn()
    found = []
    before = None
    while page := await story.history.of_character(character_id, OWNER, before=before, count=2):
        found += [told.task_id for told in page]
        before = page[-1].seq
    assert found == ids[::-1]


async def test_a_page_is_the_same_after_the_newest_generation_moved_on(story: Story) -> None:
    character_id = await story.somebody()
    old = await story.drawn(character_id)
    newest = await story.ask(character_id)
    (head,) = await story.history.of_character(character_id, OWNER, before=None, count=1)
    await story.take(newest.transition.task_id)
    page = await story.history.of_character(character_id, OWNER, before=head.seq, count=5)
    assert [told.task_id for told in page] == [old]


async def test_a_generation_tells_all_its_transitions_and_no_others(story: Story) -> None:
    other = await story.waiting()
    task_id = await story.drawn()
    told = await story.history.of_generation(task_id, OWNER)
    assert [each.seq for each in told] == [2, 3, 4]
    assert {each.task_id for each in told} == {task_id} != {other}


async def test_only_plots_that_are_not_where_they_are_thought_to_be_have_strayed(
    story: Story,
) -> None:
    equal, behind, ahead, empty, gone, lost = [await Story.begun(story.database) for _ in range(6)]
    for drawn in (equal, behind, ahead):
        await drawn.drawn()
    await gone.plots.remove(gone.plot_id, OWNER)
    await lost.plots.remove(lost.plot_id, OWNER)
    never = fresh()
    strayed = await story.history.strayed(
        {
            equal.plot_id: 3,
            behind.plot_id: 2,
            ahead.plot_id: 4,
            empty.plot_id: 0,
            gone.plot_id: 0,
            lost.plot_id: 3,
            never: 0,
        }
    )
    assert strayed == {
        behind.plot_id: 3,
        ahead.plot_id: 3,
        gone.plot_id: None,
        lost.plot_id: None,
        never: None,
    }
    assert await story.history.strayed({}) == {}


async def test_an_image_is_found_by_its_name_and_by_its_thumbnails(story: Story) -> None:
    await story.drawn(content="a face")
    image = image_of("a face")
    assert await story.history.image(image.name, OWNER) == image
    assert await story.history.image(image.thumbnail, OWNER) == image


@pytest.mark.parametrize("name", ["", "x.png", "' OR true --", f"{'0' * 64}.png"])
async def test_an_image_that_is_not_there_is_not_found(story: Story, name: str) -> None:
    await story.drawn()
    with pytest.raises(NotFoundError):
        await story.history.image(name, OWNER)


async def test_what_belongs_to_another_is_not_there(story: Story) -> None:
    task_id = await story.drawn()
    (told, *_) = await story.told()
    history = story.history
    for ask in (
        history.poll(told.character_id, "bob"),
        history.plot_of(told.character_id, "bob"),
        history.plot_seq(story.plot_id, "bob"),
        history.of_generation(task_id, "bob"),
        history.image(image_of("a face").name, "bob"),
        story.characters.get(told.character_id, "bob"),
        story.plots.get(story.plot_id, "bob"),
    ):
        with pytest.raises(NotFoundError):
            await ask
    assert await history.of_character(told.character_id, "bob", before=None, count=9) == []
    assert await story.characters.of_plot(story.plot_id, "bob") == []


async def test_what_does_not_exist_is_not_found(story: Story) -> None:
    history, nothing = story.history, fresh()
    for ask in (
        history.poll(nothing, OWNER),
        history.plot_of(nothing, OWNER),
        history.plot_seq(nothing, OWNER),
        history.of_generation(nothing, OWNER),
    ):
        with pytest.raises(NotFoundError):
            await ask
    assert await history.replay(nothing, after=0, count=9) == []
    assert await history.openings([Ask(nothing, None), Ask(nothing, 0)], count=9) == [None, None]
