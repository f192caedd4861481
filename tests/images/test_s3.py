"""A bucket of S3: deletions that come late, servers that hang, copies."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from images.relay import Relay
from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.images import bucket, s3
from limner.images.bucket import Bucket
from limner.images.s3 import S3Store
from store.album import Album, drawing_of
from store.story import Story

FACE, OTHER = drawing_of("a face"), drawing_of("another face")
NAME = FACE.image.name
IN_TIME_SECONDS = 5.0
"""Far less than any of the bounds that a test does not set itself."""


async def _names(opened: Bucket) -> set[str]:
    return {stored.key.split("/")[1] for stored in await opened.all("")}


@pytest.mark.parametrize("how", ["time-out", "cancellation"])
async def test_a_deletion_that_was_given_up_and_comes_late_takes_nothing_that_was_put_since(
    store: S3Store, opened: Bucket, relay: Relay, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await store.put(FACE)
    relay.hold(b"DELETE ")
    async with store.removing(NAME) as remove:
        monkeypatch.setattr(bucket, "TOTAL_SECONDS", 0.3 if how == "time-out" else 60)
        removing = asyncio.ensure_future(remove())
        await relay.holds()
        if how == "cancellation":
            removing.cancel()
        await asyncio.gather(removing, return_exceptions=True)
        assert removing.cancelled() or isinstance(removing.exception(), StorageUnavailableError)
    monkeypatch.undo()
    before = {copy.key for copy in await opened.all(f"{NAME[:2]}/{NAME}/")}
    await store.put(FACE)
    await relay.release()
    assert await store.get(NAME) == FACE.data
    after = {copy.key for copy in await opened.all(f"{NAME[:2]}/{NAME}/")}
    assert len(before) == 1
    assert not before & after, "the late deletion did delete what it was meant for"


async def test_an_image_that_is_being_removed_is_read_from_the_copy_that_stays(
    store: S3Store, opened: Bucket, relay: Relay
) -> None:
    await store.put(FACE)
    old = [copy.key for copy in await opened.all(f"{NAME[:2]}/{NAME}/")]
    relay.hold(b"GET /" + opened.name.encode() + b"/of/tests/")
    reading = asyncio.create_task(store.get(NAME))
    await relay.holds()
    await store.put(FACE)
    await opened.delete(old)
    await relay.release()
    assert await reading == FACE.data


async def test_an_image_with_many_copies_is_read_with_two_requests(
    store: S3Store, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "PAGE", 3)
    await asyncio.gather(*(store.put(FACE) for _ in range(10)))
    before = relay.requests
    assert await store.get(NAME) == FACE.data
    assert relay.requests - before == 2, "a list and an image"


async def test_only_a_few_of_many_copies_are_listed_to_read_an_image(
    store: S3Store, opened: Bucket
) -> None:
    await asyncio.gather(*(store.put(FACE) for _ in range(s3.FEW + 2)))
    listed = await opened.page("", f"{NAME[:2]}/{NAME}/", s3.FEW)
    every = await opened.all(f"{NAME[:2]}/{NAME}/")
    assert listed == every[: s3.FEW]
    assert len(every) == s3.FEW + 2, "whoever removes them sees them all"
    async with store.removing(NAME) as remove:
        await remove()
    with pytest.raises(NotFoundError):
        await store.get(NAME)


async def test_copies_that_go_while_they_are_read_lead_to_those_that_follow(
    store: S3Store, opened: Bucket, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "FEW", 2)
    monkeypatch.setattr(s3, "LOOKS", 1)
    await asyncio.gather(*(store.put(FACE) for _ in range(5)))
    keys = [copy.key for copy in await opened.all(f"{NAME[:2]}/{NAME}/")]
    relay.hold(b"GET /" + opened.name.encode() + b"/of/tests/")
    reading = asyncio.create_task(store.get(NAME))
    await relay.holds()
    await opened.delete(keys[:4])
    await relay.release()
    assert await reading == FACE.data


@pytest.mark.parametrize("call", ["put", "get", "removing", "tidy"])
async def test_a_server_that_hangs_is_waited_for_no_longer_than_its_time(
    store: S3Store, relay: Relay, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    await store.put(FACE)
    monkeypatch.setattr(bucket, "TOTAL_SECONDS", 0.2)
    relay.hold(b"")

    async def remove() -> None:
        async with store.removing(NAME) as it:
            await it()

    calls = {"put": lambda: store.put(OTHER), "get": lambda: store.get(NAME), "tidy": store.tidy}
    async with asyncio.timeout(IN_TIME_SECONDS):
        with pytest.raises(StorageUnavailableError, match="did not answer in time"):
            await calls.get(call, remove)()


async def _age(opened: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is there was put yesterday, as the clock of the store will have it from now on."""
    keys = {stored.key for stored in await opened.all("")}
    real, now = Bucket.page, datetime.now(UTC)

    async def page(
        asked: Bucket, after: str, start: str = "", most: int | None = None
    ) -> list[bucket.Stored]:
        return [
            bucket.Stored(stored.key, now - timedelta(days=1) if stored.key in keys else now)
            for stored in await real(asked, after, start, most)
        ]

    monkeypatch.setattr(Bucket, "page", page)


async def test_tidying_takes_copies_with_a_much_younger_one_beside_them_and_no_others(
    store: S3Store, opened: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(store.put(FACE) for _ in range(3)), store.put(OTHER))
    assert await store.tidy() == 0
    await _age(opened, monkeypatch)
    assert await store.tidy() == 0, "none is much younger"
    await store.put(FACE)
    assert await store.tidy() == 6
    assert len(await opened.all("")) == 4
    assert await store.get(NAME) == FACE.data
    assert await store.get(OTHER.image.name) == OTHER.data


async def test_tidying_comes_round_to_every_name_however_its_copies_lie(
    store: S3Store, opened: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "PAGE", 3)
    monkeypatch.setattr(s3, "PAGE", 3)
    drawings = [drawing_of(f"face {number}") for number in range(3)]
    for drawing in drawings:
        await store.put(drawing)
    await _age(opened, monkeypatch)
    for drawing in drawings:
        await store.put(drawing)
    assert sum([await store.tidy() for _ in range(12)]) == 6
    assert len(await opened.all("")) == 6
    for drawing in drawings:
        assert await store.get(drawing.image.name) == drawing.data


async def test_a_sweep_removes_from_a_bucket_what_nobody_shows(
    store: S3Store, opened: Bucket, album: Album, story: Story
) -> None:
    album.store = store  # type: ignore[assignment] # any store does
    await album.keep(OTHER)
    await album.show(story, FACE)
    await album.swept()
    assert await _names(opened) == {FACE.image.name, FACE.image.thumbnail}
    with pytest.raises(NotFoundError):
        await store.get(OTHER.image.name)
