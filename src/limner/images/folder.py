"""Images in a folder, which any number of processes may share."""

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.domain.image import Image
from limner.images.inspect import inspect


class FolderStore:
    """An `ImageStore` in a folder: `ab/abcd….png`, written whole or not at all.

    Args:
        folder: made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> Image:
        """See `ImageStore.put`."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, name: str) -> bytes:
        """See `ImageStore.get`."""
        return await asyncio.to_thread(self._get, name)

    def _put(self, data: bytes) -> Image:
        inspected = inspect(data)
        thumbnail = f"{hashlib.sha256(inspected.thumbnail).hexdigest()}.webp"
        image = Image(
            sha256=inspected.sha256,
            extension=inspected.extension,
            content_type=inspected.content_type,
            width=inspected.width,
            height=inspected.height,
            size_bytes=len(data),
            thumbnail=thumbnail,
        )
        try:
            self._write(thumbnail, inspected.thumbnail)
            self._write(image.name, data)
        except OSError as error:
            raise StorageUnavailableError(
                f"The image folder did not take an image: {error.strerror or error}."
            ) from error
        return image

    def _get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("There is no such image.") from None
        except OSError as error:
            raise StorageUnavailableError(
                f"The image folder did not give an image: {error.strerror or error}."
            ) from error

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _write(self, name: str, data: bytes) -> None:
        """Write under a passing name, flush to the disk, rename: readers see all or nothing."""
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, passing = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(passing).replace(path)
        except BaseException:
            Path(passing).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
