"""What is shown stays, whoever else is deleted; what nobody shows goes, files and rows."""

import pytest

from limner.domain.errors import NotFoundError
from store.album import Album, drawing_of, names
from store.story import OWNER, Story

FACE, OTHER = drawing_of("a face"), drawing_of("another face")


async def test_every_image_of_a_living_character_stays_also_its_earlier_ones(
    album: Album, story: Story
) -> None:
    character_id = await album.show(story, FACE)
    await album.show(story, OTHER, character_id=character_id)
    await album.swept()
    assert album.files == names(FACE, OTHER)
    assert await album.known() == {FACE.image.sha256: False, OTHER.image.sha256: False}


async def test_an_image_of_a_deleted_character_goes_and_its_transitions_stay(
    album: Album, story: Story
) -> None:
    gone, stays = await album.show(story, FACE), await album.show(story, OTHER)
    await story.ledger.remove_character(gone, OWNER)
    await album.swept()
    assert album.files == names(OTHER)
    told = [each.image for each in await story.told() if each.image]
    assert told == [FACE.image, OTHER.image]
    assert (await story.characters.get(stays, OWNER)).portrait == OTHER.image
    assert await album.known() == {FACE.image.sha256: False, OTHER.image.sha256: False}


async def test_a_deleted_characters_image_is_looked_at_without_any_time_passing(
    album: Album, story: Story
) -> None:
    gone = await album.show(story, FACE)
    await album.swept()
    await story.ledger.remove_character(gone, OWNER)
    await album.sweep()
    assert album.files == set()


async def test_an_image_that_only_deleted_characters_show_is_not_found_at_once(
    album: Album, story: Story
) -> None:
    gone, stays = await album.show(story, FACE), await album.show(story, OTHER)
    await album.show(story, OTHER, character_id=gone)
    await story.ledger.remove_character(gone, OWNER)
    for name in names(FACE):
        with pytest.raises(NotFoundError):
            await story.history.image(name, OWNER)
    for name in names(OTHER):
        assert await story.history.image(name, OWNER) == OTHER.image
    assert await story.characters.get(stays, OWNER)


async def test_an_image_that_two_show_stays_until_both_are_deleted(
    album: Album, story: Story
) -> None:
    first, second = await album.show(story, FACE), await album.show(story, FACE)
    await story.ledger.remove_character(first, OWNER)
    await album.swept()
    assert album.files == names(FACE)
    await story.ledger.remove_character(second, OWNER)
    await album.swept()
    assert album.files == set()


async def test_an_image_that_two_owners_show_stays_for_the_other_one(
    album: Album, story: Story
) -> None:
    other = await Story.begun(story.database, "bob")
    await album.show(story, FACE)
    await album.show(other, FACE)
    await story.plots.remove(story.plot_id, OWNER)
    await album.swept()
    assert album.files == names(FACE)
    assert await other.history.image(FACE.image.name, "bob") == FACE.image
    with pytest.raises(NotFoundError):
        await story.history.image(FACE.image.name, OWNER)


async def test_a_thumbnail_that_two_images_share_stays_until_both_have_gone(
    album: Album, story: Story
) -> None:
    one, two = drawing_of("one", thumbnail="dot"), drawing_of("two", thumbnail="dot")
    first, second = await album.show(story, one), await album.show(story, two)
    await story.ledger.remove_character(first, OWNER)
    await album.swept()
    assert album.files == names(two)
    await story.ledger.remove_character(second, OWNER)
    await album.swept()
    assert album.files == set()


async def test_a_thumbnail_stays_for_an_image_that_is_only_claimed_so_far(album: Album) -> None:
    one, two = drawing_of("one", thumbnail="dot"), drawing_of("two", thumbnail="dot")
    await album.keep(one)
    await album.time_passes()
    await album.keep(two)
    await album.sweep()
    assert album.files == names(two)


async def test_two_images_with_one_thumbnail_go_together(album: Album) -> None:
    await album.keep(drawing_of("one", thumbnail="dot"))
    await album.keep(drawing_of("two", thumbnail="dot"))
    await album.swept()
    assert album.files == set()
    assert await album.known() == {}


async def test_a_thumbnail_that_is_also_somebodys_image_stays_with_it(
    album: Album, story: Story
) -> None:
    large = drawing_of("large", thumbnail="dot")
    dot = drawing_of("dot", extension="webp")
    assert large.image.thumbnail == dot.image.name
    first, second = await album.show(story, large), await album.show(story, dot)
    await story.ledger.remove_character(first, OWNER)
    await album.swept()
    assert album.files == names(dot)
    await album.show(story, large)
    await story.ledger.remove_character(second, OWNER)
    await album.swept()
    assert album.files == names(large)


async def test_a_file_whose_attempt_was_never_completed_goes_with_its_row(
    album: Album, story: Story
) -> None:
    await album.show(story, OTHER)
    await album.keep(FACE)
    await album.swept()
    assert album.files == names(OTHER)
    assert await album.known() == {OTHER.image.sha256: False}


async def test_a_claim_without_a_file_goes_as_well(album: Album, story: Story) -> None:
    await album.show(story, OTHER)
    await story.claim("never stored")
    await album.swept()
    assert await album.known() == {OTHER.image.sha256: False}


async def test_what_is_claimed_stays_until_the_claim_has_run_out(album: Album) -> None:
    await album.keep(FACE)
    await album.sweep()
    assert album.files == names(FACE)
    assert await album.known() == {FACE.image.sha256: True}


async def test_an_image_drawn_again_after_it_had_gone_is_there_again(
    album: Album, story: Story
) -> None:
    gone = await album.show(story, FACE)
    await story.ledger.remove_character(gone, OWNER)
    await album.swept()
    await album.show(story, FACE)
    await album.swept()
    assert album.files == names(FACE)


async def test_an_image_whose_thumbnail_is_made_anew_keeps_the_name_it_had(
    album: Album, story: Story
) -> None:
    """A newer Pillow makes other bytes of the same image: the row tells one name only."""
    await album.show(story, FACE)
    newer = drawing_of("a face", thumbnail="by a newer program")
    assert await album.keep(newer) == FACE.image


async def test_many_more_images_than_a_portion_go_in_one_sweep(album: Album) -> None:
    for number in range(50):
        await album.keep(drawing_of(f"orphan {number}"))
    await album.time_passes()
    assert not await album.sweep()
    assert album.files == set()
    assert await album.known() == {}
