"""What every image store promises, asked of each."""

import asyncio

import pytest

from images.conftest import Place
from limner.domain.errors import NotFoundError, StorageUnavailableError
from store.album import drawing_of

FACE, OTHER = drawing_of("a face"), drawing_of("another face")
BRIEFLY_SECONDS = 0.2


async def _is_there(place: Place, name: str) -> bool:
    try:
        await place.store.get(name)
    except NotFoundError:
        return False
    return True


async def test_an_image_and_its_thumbnail_are_given_back_as_they_were_put(place: Place) -> None:
    await place.store.put(FACE)
    assert await place.store.get(FACE.image.name) == FACE.data
    assert await place.store.get(FACE.image.thumbnail) == FACE.thumbnail


async def test_a_large_image_is_given_back_whole(place: Place) -> None:
    large = drawing_of("a very large face " * 500_000)
    await place.store.put(large)
    assert await place.store.get(large.image.name) == large.data


async def test_what_was_never_put_is_not_found(place: Place) -> None:
    await place.store.put(OTHER)
    with pytest.raises(NotFoundError):
        await place.store.get(FACE.image.name)


async def test_the_same_image_may_be_put_again_and_at_once(place: Place) -> None:
    await asyncio.gather(*(place.store.put(FACE) for _ in range(8)))
    await place.store.put(FACE)
    assert await place.store.get(FACE.image.name) == FACE.data


async def test_what_is_removed_is_gone_with_all_that_was_put_under_its_name(place: Place) -> None:
    await asyncio.gather(*(place.store.put(FACE) for _ in range(3)), place.store.put(OTHER))
    async with place.store.removing(FACE.image.name) as remove:
        assert await _is_there(place, FACE.image.name), "not before it is said"
        await remove()
    assert not await _is_there(place, FACE.image.name)
    assert await _is_there(place, FACE.image.thumbnail)
    assert await _is_there(place, OTHER.image.name)


async def test_what_is_only_held_stays(place: Place) -> None:
    await place.store.put(FACE)
    async with place.store.removing(FACE.image.name):
        pass
    assert await _is_there(place, FACE.image.name)


async def test_removing_what_is_not_there_is_no_error(place: Place) -> None:
    await place.store.put(OTHER)
    async with place.store.removing(FACE.image.name) as remove:
        await remove()


@pytest.mark.parametrize("is_there", [True, False])
async def test_what_is_put_while_its_name_is_being_removed_outlives_that(
    place: Place, *, is_there: bool
) -> None:
    await place.store.put(FACE if is_there else OTHER)
    async with place.store.removing(FACE.image.name) as remove:
        putting = asyncio.create_task(place.store.put(FACE))
        # one store takes it at once, the other lets it wait: both are right
        await asyncio.wait([putting], timeout=BRIEFLY_SECONDS)
        await remove()
    await putting
    assert await place.store.get(FACE.image.name) == FACE.data


async def test_a_name_can_be_put_and_removed_again_and_again(place: Place) -> None:
    for _ in range(3):
        await place.store.put(FACE)
        assert await _is_there(place, FACE.image.name)
        async with place.store.removing(FACE.image.name) as remove:
            await remove()
        assert not await _is_there(place, FACE.image.name)


async def test_tidying_leaves_what_is_stored(place: Place) -> None:
    assert await place.store.tidy() == 0
    await asyncio.gather(*(place.store.put(FACE) for _ in range(3)), place.store.put(OTHER))
    assert await place.store.tidy() == 0
    assert await _is_there(place, FACE.image.name)
    assert await _is_there(place, OTHER.image.name)


async def test_a_store_that_is_away_says_so_and_is_itself_again_when_it_is_back(
    place: Place,
) -> None:
    await place.store.put(FACE)
    async with place.away():
        with pytest.raises(StorageUnavailableError, match="did not take an image"):
            await place.store.put(OTHER)
        with pytest.raises(StorageUnavailableError, match="did not"):
            await place.store.get(FACE.image.name)
        with pytest.raises(StorageUnavailableError, match="did not"):
            async with place.store.removing(FACE.image.name) as remove:
                await remove()
    assert await place.store.get(FACE.image.name) == FACE.data
    await place.store.put(OTHER)
    assert await _is_there(place, OTHER.image.name)
    async with place.store.removing(FACE.image.name) as remove:
        await remove()
    assert not await _is_there(place, FACE.image.name)
