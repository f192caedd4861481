"""The folder of images: whole and checked, or not there at all."""

import asyncio
import errno
import hashlib
import io
import os
import struct
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from limner.domain.errors import DrawingError, ErrorCode, NotFoundError, StorageUnavailableError
from limner.domain.image import Image as Stored
from limner.images.folder import FolderStore
from limner.images.inspect import MAX_BYTES, inspect


def picture(form: str = "PNG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    """An image with something in it."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG that says that it is this large, and is a few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


async def put(store: FolderStore, data: bytes) -> Stored:
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
    store, data = FolderStore(tmp_path), picture(form)
    image = await put(store, data)
    digest = hashlib.sha256(data).hexdigest()
    assert image.name == f"{digest}.{extension}"
    assert (image.content_type, image.width, image.height) == (content_type, 640, 480)
    assert image.size_bytes == len(data)
    assert await store.get(image.name) == data
    thumbnail = await store.get(image.thumbnail)
    assert image.thumbnail == f"{hashlib.sha256(thumbnail).hexdigest()}.webp"
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (320, 240))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1"])
async def test_every_kind_of_pixel_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    image = await put(FolderStore(tmp_path), picture(mode=mode))
    assert image.width == 640


async def test_the_same_bytes_are_one_file_also_when_put_at_once(tmp_path: Path) -> None:
    store, data = FolderStore(tmp_path), picture()
    images = await asyncio.gather(*(put(store, data) for _ in range(8)))
    assert len(set(images)) == 1
    assert [path.name for path in _files(tmp_path)] == sorted([images[0].name, images[0].thumbnail])


REFUSED = {
    "nothing": b"",
    "text": b"<html>sorry</html>",
    "a GIF": picture("GIF"),
    "half a PNG": picture()[:400],
    "half a JPEG": picture("JPEG")[:-400],
    "half a WebP": picture("WEBP")[:-40],
    "a PNG that is whole, and too large": picture(size=(8_000, 5_001), mode="1"),
    "a bomb": claiming(60_000, 60_000),
    "a larger bomb": claiming(2**31 - 1, 2**31 - 1),
    "a PNG with no pixels": claiming(0, 0),
    "too many bytes": picture() + b"\0" * MAX_BYTES,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_image_is_refused_and_nothing_is_kept(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DrawingError) as refused:
        await put(FolderStore(tmp_path), data)
    assert refused.value.code is ErrorCode.INVALID_IMAGE
    assert refused.value.detail
    assert _files(tmp_path) == []


SOUND = [picture(form, (40, 30)) for form in ("PNG", "JPEG", "WEBP")]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SOUND), st.data())
def test_a_damaged_image_is_an_image_or_refused(sound: bytes, data: st.DataObject) -> None:
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DrawingError):
        assert inspect(bytes(damaged)).image.width > 0


async def test_looking_at_many_images_at_once_leaves_the_warnings_as_they_were() -> None:
    data = picture(size=(1500, 1500))
    with warnings.catch_warnings():
        warnings.resetwarnings()
        await asyncio.gather(*(asyncio.to_thread(inspect, data) for _ in range(16)))
        assert warnings.filters == []


async def test_a_disk_that_refuses_keeps_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = FolderStore(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageUnavailableError, match="No space left on device"):
        await put(store, picture())
    assert _files(tmp_path) == []
    monkeypatch.undo()
    image = await put(store, picture())
    assert await store.get(image.name) == picture()


async def test_a_folder_that_can_not_be_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FolderStore(tmp_path / "file")
    with pytest.raises(StorageUnavailableError):
        await put(store, picture())
    with pytest.raises(StorageUnavailableError):
        await store.get("ab" * 32 + ".png")


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await FolderStore(tmp_path).get("ab" * 32 + ".png")
