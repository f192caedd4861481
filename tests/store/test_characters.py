"""Characters: made, read with their images, changed."""

import pytest

from limner.domain.errors import NotFoundError
from store.story import OWNER, Story, fresh, image_of


async def test_a_new_character_was_never_drawn(story: Story) -> None:
    character = await story.characters.get(await story.somebody(), OWNER)
    assert (character.name, character.description) == ("Mara 1", "a keeper of lights")
    assert (character.plot_id, character.owner) == (story.plot_id, OWNER)
    assert (character.newest, character.portrait) == (None, None)


async def test_characters_come_in_the_order_in_which_they_were_added(story: Story) -> None:
    added = [await story.somebody() for _ in range(5)]
    await story.rows("UPDATE characters SET name = name || '!' WHERE id = $1", added[0])
    listed = await story.characters.of_plot(story.plot_id, OWNER)
    assert [character.id for character in listed] == added


async def test_the_last_completed_image_stays_while_a_new_one_is_drawn(story: Story) -> None:
    character_id = await story.somebody()
    await story.drawn(character_id, content="first")
    second = await story.ask(character_id)
    character = await story.characters.get(character_id, OWNER)
    assert character.portrait == image_of("first")
    assert character.newest == second.transition
    await story.complete(await story.take(second.transition.task_id), content="second")
    assert (await story.characters.get(character_id, OWNER)).portrait == image_of("second")


async def test_a_failed_generation_leaves_the_image_before_it(story: Story) -> None:
    character_id = await story.somebody()
    await story.drawn(character_id, content="first")
    second = await story.ask(character_id)
    await story.fail(await story.take(second.transition.task_id))
    (character,) = await story.characters.of_plot(story.plot_id, OWNER)
    assert character.portrait == image_of("first")
    assert character.newest is not None
    assert character.newest.status == "failed"


async def test_only_what_is_given_is_changed(story: Story) -> None:
    character_id = await story.somebody()
    before = await story.characters.get(character_id, OWNER)
    changed = await story.characters.change(character_id, OWNER, name="Nora", description=None)
    assert (changed.name, changed.description) == ("Nora", "a keeper of lights")
    assert changed.updated_at > before.updated_at
    changed = await story.characters.change(character_id, OWNER, name=None, description="")
    assert (changed.name, changed.description) == ("Nora", "")


async def test_nobody_is_added_to_a_plot_that_is_not_there(story: Story) -> None:
    for plot_id, owner in ((fresh(), OWNER), (story.plot_id, "bob")):
        with pytest.raises(NotFoundError):
            await story.characters.add(plot_id, owner, name="Mara", description="")


async def test_a_name_may_have_any_letters_up_to_the_limit(story: Story) -> None:
    name = "🦉" * 120
    character = await story.characters.add(story.plot_id, OWNER, name=name, description="é" * 4000)
    assert (await story.characters.get(character.id, OWNER)).name == name
