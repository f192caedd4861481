"""Whether the image store keeps what it is given: one small picture there and back."""

import asyncio
import io
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from PIL import Image as Pillow

from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.domain.finding import Finding, ok, warning, wrong
from limner.images.base import ImageStore
from limner.images.folder import FolderStore
from limner.images.inspect import Inspected, inspect
from limner.images.registry import open_images
from limner.settings import Settings

PART: Final = "images"
ADVICE: Final = "See LIMNER_STORAGE_URL, and whether the disk or the bucket is there."
ROOM_BYTES: Final = 2**30
"""Some 700 images of 1024 by 1024 pixels, each with its thumbnail."""
_SIDE: Final = 8


async def check_images(settings: Settings, *, room_bytes: int = ROOM_BYTES) -> list[Finding]:
    """What is wrong with the store, or that all is well. What is put there for it goes again.

    Args:
        settings: all of them.
        room_bytes: less than this is worth a warning.

    Raises:
        StartError: there is a bucket, and nothing that opens it.
    """
    try:
        async with _store(settings) as (store, where):
            problem = await _there_and_back(store)
            free_bytes = await asyncio.to_thread(_free, where)
    except StorageUnavailableError as error:
        return [wrong(PART, str(error), _advice(settings))]
    if problem:
        return [wrong(PART, problem, _advice(settings))]
    if where is None:
        return [ok(PART, f"{settings.storage_url} takes, gives and deletes.")]
    room = f"{free_bytes / 2**30:.1f} GiB are free"
    if free_bytes < room_bytes:
        return [warning(PART, f"Only {room} at {where}.", "Make room there.")]
    return [ok(PART, f"{settings.images_folder} takes, gives and deletes; {room}.")]


def _advice(settings: Settings) -> str:
    if (settings.storage_url or "").startswith("s3://"):
        return ADVICE
    account = f"account {os.geteuid()}"
    return f"Let {account} write in {settings.images_folder}, or set LIMNER_STORAGE_URL."


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[tuple[ImageStore, Path | None]]:
    """The store, and where on a disk it is, if it is on one.

    A folder that is yet to be made is not made: another one shows whether it could be, and goes.
    """
    if (settings.storage_url or "").startswith("s3://"):
        async with open_images(settings) as store:
            yield store, None
        return
    folder = settings.images_folder.absolute()
    if await asyncio.to_thread(folder.exists):
        async with open_images(settings) as store:
            yield store, folder
        return
    trial = await asyncio.to_thread(_trial, folder)
    try:
        yield FolderStore(trial / "images"), trial.parent
    finally:
        await asyncio.to_thread(shutil.rmtree, trial, ignore_errors=True)


def _trial(folder: Path) -> Path:
    """A new folder in the nearest one that there is."""
    nearest = next(path for path in folder.parents if path.exists())
    try:
        return Path(tempfile.mkdtemp(prefix=".limner-trial-", dir=nearest))
    except OSError as error:
        raise StorageUnavailableError(
            f"{folder} can't be made, because of {nearest}: {error.strerror}."
        ) from error


async def _there_and_back(store: ImageStore) -> str | None:
    """What the store does wrong; None when it does all that it should."""
    sample = await asyncio.to_thread(_sample)
    await store.put(sample)
    try:
        kept = await store.get(sample.image.name)
    except NotFoundError:
        return "It took an image, and does not have it."
    for name in (sample.image.name, sample.image.thumbnail):
        async with store.removing(name) as remove:
            await remove()
    try:
        await store.get(sample.image.name)
    except NotFoundError:
        return None if kept == sample.data else "It gave back other bytes than it had taken."
    return "It did not delete an image."


def _sample() -> Inspected:
    """A picture of chance: nobody else's is deleted with it, as names are made from contents."""
    picture, file = Pillow.frombytes("RGB", (_SIDE, _SIDE), os.urandom(3 * _SIDE**2)), io.BytesIO()
    picture.save(file, "PNG")
    return inspect(file.getvalue())


def _free(where: Path | None) -> int:
    """Bytes that are free there for us; 0 for a bucket, which has no end."""
    return 0 if where is None else shutil.disk_usage(where).free
