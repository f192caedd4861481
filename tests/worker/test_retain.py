"""A sweep and its store: refused, away; and what writers who were killed left behind."""

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.flows import retain
from limner.flows.retain import Retain
from limner.images import folder
from limner.images.folder import PART_SECONDS, FolderStore
from limner.images.inspect import Inspected
from limner.store.database import Database
from limner.store.retention import IMAGES, REFUSED_SECONDS, Retention
from store.album import Album, drawing_of, names

FACE, OTHER = drawing_of("a face"), drawing_of("another face")


class Refusing(FolderStore):
    """A folder that does not delete certain things."""

    def __init__(self, path: Path, *refused: Inspected) -> None:
        super().__init__(path)
        self.refused = names(*refused)
        self.asked: list[str] = []

    def _delete(self, name: str) -> None:
        self.asked.append(name)
        if name in self.refused:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        super()._delete(name)


@pytest.fixture
def album(database: Database, tmp_path: Path) -> Album:
    """A folder for images with nothing in it."""
    return Album(database, tmp_path / "images")


async def _orphans(album: Album, *drawings: Inspected) -> None:
    for drawing in drawings:
        await album.keep(drawing)
    await album.time_passes()


async def _delete(store: FolderStore, name: str) -> None:
    async with store.removing(name) as remove:
        await remove()


def _retain(album: Album, store: FolderStore) -> Retain:
    return Retain(Retention(album.database), store)


async def test_an_image_that_the_store_does_not_delete_keeps_no_other_and_is_tried_again_later(
    album: Album,
) -> None:
    await _orphans(album, FACE, OTHER)
    store = Refusing(album.folder, FACE)
    assert not await _retain(album, store)()
    assert album.files == names(FACE)
    (row,) = await album.rows(
        "SELECT sha256, extract(EPOCH FROM check_at - now()) AS seconds FROM images"
    )
    assert row["sha256"] == FACE.image.sha256
    assert REFUSED_SECONDS - 60 < row["seconds"] < REFUSED_SECONDS + 60
    asked = len(store.asked)
    assert not await _retain(album, store)()
    assert len(store.asked) == asked, "it is not tried all the time"
    await album.swept()
    assert album.files == set()


async def test_a_store_that_is_away_is_asked_for_one_portion_and_no_more(album: Album) -> None:
    drawings = [drawing_of(f"orphan {number}") for number in range(IMAGES + 5)]
    await _orphans(album, *drawings)
    store = Refusing(album.folder, *drawings)
    assert not await _retain(album, store)(), "it is not asked again in a second"
    assert len(store.asked) == IMAGES
    assert album.files == names(*drawings)


async def test_a_folder_that_is_not_there_has_not_deleted_anything(
    album: Album, tmp_path: Path
) -> None:
    """A disk that is not mounted: its images would be forgotten, and stay on it for ever."""
    await _orphans(album, FACE)
    album.folder.rename(tmp_path / "unmounted")
    assert not await album.sweep()
    (tmp_path / "unmounted").rename(album.folder)
    assert await album.known() == {FACE.image.sha256: True}
    await album.swept()
    assert album.files == set()


async def test_sweeps_go_on_after_one_that_broke(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(FolderStore):
        @asynccontextmanager
        async def removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
            if not broke.is_set():
                broke.set()
                raise ZeroDivisionError
            async with super().removing(name) as remove:
                yield remove

        async def tidy(self) -> int:
            tidied.set()
            return await super().tidy()

    broke, tidied = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(retain, "SWEEP_SECONDS", 0.01)
    await _orphans(album, FACE)
    running = asyncio.create_task(_retain(album, Broken(album.folder)).run())
    async with asyncio.timeout(10):
        await tidied.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert broke.is_set()
    assert album.files == set()


async def test_deleting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.put(FACE)
    for _ in "ab":
        await _delete(store, FACE.image.name)
    with pytest.raises(NotFoundError):
        await store.get(FACE.image.name)
    assert await store.get(FACE.image.thumbnail) == FACE.thumbnail


async def test_a_disk_that_does_not_delete_says_so(tmp_path: Path) -> None:
    path = tmp_path / FACE.image.name[:2] / FACE.image.name
    path.mkdir(parents=True)
    with pytest.raises(StorageUnavailableError, match="did not delete an image"):
        await _delete(FolderStore(tmp_path), FACE.image.name)


def _left_behind(images: Path, *ages_seconds: float) -> list[Path]:
    parts = images / ".parts"
    parts.mkdir(exist_ok=True)
    paths = [parts / f"{number}.part" for number in range(len(ages_seconds))]
    for path, age_seconds in zip(paths, ages_seconds, strict=True):
        path.write_bytes(b"half an im")
        written = time.time() - age_seconds
        os.utime(path, (written, written))
    return paths


async def test_a_file_that_was_left_behind_goes_after_an_hour_and_whole_ones_stay(
    album: Album,
) -> None:
    await album.store.put(FACE)
    for name in names(FACE):
        os.utime(album.folder / name[:2] / name, (0, 0))
    old, young = _left_behind(album.folder, PART_SECONDS + 60, PART_SECONDS - 60)
    await album.sweep()
    assert not old.exists()
    assert album.files == {young.name} | names(FACE)


async def test_of_many_files_left_behind_a_sweep_looks_at_so_many_and_the_next_at_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PARTS", 3)
    _left_behind(tmp_path, *[2 * PART_SECONDS] * 5)
    store = FolderStore(tmp_path)
    assert [await store.tidy() for _ in range(3)] == [3, 2, 0]


async def test_a_folder_that_was_never_used_needs_no_tidying(tmp_path: Path) -> None:
    assert await FolderStore(tmp_path / "none").tidy() == 0


async def test_what_is_being_written_is_where_what_is_left_behind_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def look(_descriptor: int) -> None:
        written.extend(path for path in tmp_path.rglob("*.part"))

    monkeypatch.setattr(os, "fsync", look)
    await FolderStore(tmp_path).put(FACE)
    assert {path.parent for path in written} == {tmp_path / ".parts"}
    assert Album.files_of(tmp_path) == names(FACE)
