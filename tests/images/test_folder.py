"""The folder of images: whole, on the disk, or not there at all."""

import asyncio
import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from images.crafted import encoded
from limner.domain.errors import DrawingError, NotFoundError, StorageUnavailableError
from limner.domain.image import Image as Stored
from limner.images.folder import FolderStore
from limner.images.inspect import inspect
from store.album import drawing_of

FACE = drawing_of("a face")


async def _put(store: FolderStore, data: bytes) -> Stored:
    """Check some bytes and store them."""
    inspected = await asyncio.to_thread(inspect, data)
    await store.put(inspected)
    return inspected.image


def _files(folder: Path) -> list[Path]:
    """All that is there, but for locks."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".locks"
    )


@pytest.mark.parametrize(
    ("form", "extension", "content_type"),
    [("PNG", "png", "image/png"), ("JPEG", "jpg", "image/jpeg"), ("WEBP", "webp", "image/webp")],
)
async def test_an_image_is_kept_under_what_is_in_it(
    tmp_path: Path, form: str, extension: str, content_type: str
) -> None:
    store, data = FolderStore(tmp_path), encoded(form)
    image = await _put(store, data)
    assert image.name == f"{hashlib.sha256(data).hexdigest()}.{extension}"
    assert (image.content_type, image.width, image.height) == (content_type, 40, 30)
    assert await store.get(image.name) == data
    thumbnail = await store.get(image.thumbnail)
    assert image.thumbnail == f"{hashlib.sha256(thumbnail).hexdigest()}.webp"


async def test_the_same_bytes_are_one_file_also_when_put_at_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    images = await asyncio.gather(*(_put(store, encoded("PNG")) for _ in range(8)))
    assert len(set(images)) == 1
    assert [path.name for path in _files(tmp_path)] == sorted([images[0].name, images[0].thumbnail])


async def test_of_what_is_no_image_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(DrawingError):
        await _put(FolderStore(tmp_path), b"<html>sorry</html>")
    assert _files(tmp_path) == []


@pytest.mark.parametrize("times", [1, 2])
async def test_an_image_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    path = tmp_path / FACE.image.name[:2] / FACE.image.name
    flushed: list[tuple[str, bool]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        opened = Path(f"/proc/self/fd/{descriptor}").readlink()
        if opened.is_dir():
            flushed.append((opened.name, path.exists()))
        elif opened.stat().st_size == len(FACE.data):
            flushed.append((opened.parent.name, path.exists()))

    for _ in range(times):
        flushed.clear()
        monkeypatch.setattr(os, "fsync", fsync)
        await FolderStore(tmp_path).put(FACE)  # of another process, the second time
        monkeypatch.undo()
    written = [(".parts", False)] if times == 1 else []
    assert flushed[-2 - len(written) :] == [
        *written,
        (path.parent.name, True),
        (tmp_path.name, True),
    ]


async def test_a_folder_that_is_made_anew_is_found_after_a_power_failure_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    store = FolderStore(tmp_path)
    monkeypatch.setattr(os, "fsync", fsync)
    await store.put(FACE)
    assert flushed.count(tmp_path) == 2, "for the image's folder, and for the thumbnail's"
    await store.put(FACE)
    assert flushed.count(tmp_path) == 2
    shutil.rmtree(tmp_path / FACE.image.name[:2])
    await store.put(FACE)
    assert flushed.count(tmp_path) == 3


async def test_a_disk_that_refuses_keeps_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = FolderStore(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageUnavailableError, match="No space left on device"):
        await store.put(FACE)
    assert _files(tmp_path) == []
    monkeypatch.undo()
    await store.put(FACE)
    assert await store.get(FACE.image.name) == FACE.data


async def test_a_folder_that_can_not_be_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FolderStore(tmp_path / "file")
    with pytest.raises(StorageUnavailableError):
        await store.put(FACE)
    with pytest.raises(StorageUnavailableError):
        await store.get(FACE.image.name)


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await FolderStore(tmp_path).get(FACE.image.name)
