"""Images in a folder, which any number of processes may share."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.images.inspect import Inspected

PART_SECONDS: Final = 60 * 60.0
"""A file that is not whole after this time was left behind by somebody who was killed."""
PARTS: Final = 1000
"""How many such files are looked at, at once."""
_PARTS = ".parts"


class FolderStore:
    """An `ImageStore` in a folder: `ab/abcd….png`, written whole or not at all.

    Args:
        folder: made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, inspected: Inspected) -> None:
        """See `ImageStore.put`."""
        await asyncio.to_thread(self._put, inspected)

    async def get(self, name: str) -> bytes:
        """See `ImageStore.get`."""
        return await asyncio.to_thread(self._get, name)

    async def delete(self, name: str) -> None:
        """See `ImageStore.delete`.

        A file that comes back after a power failure, because the folder was not flushed, is
        nobody's: it costs its place on the disk.
        """
        await asyncio.to_thread(self._delete, name)

    async def tidy(self) -> int:
        """See `ImageStore.tidy`."""
        return await asyncio.to_thread(self._tidy)

    def _put(self, inspected: Inspected) -> None:
        with _refusing("take an image"):
            self._write(inspected.image.thumbnail, inspected.thumbnail)
            self._write(inspected.image.name, inspected.data)

    def _get(self, name: str) -> bytes:
        with _refusing("give an image"):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                raise NotFoundError("There is no such image.") from None

    def _delete(self, name: str) -> None:
        with _refusing("delete an image"):
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                self._folder.stat()  # where is no folder, perhaps a disk is not mounted

    def _tidy(self) -> int:
        oldest = time.time() - PART_SECONDS
        removed = 0
        with _refusing("be tidied"):
            try:
                entries = os.scandir(self._folder / _PARTS)
            except FileNotFoundError:
                return 0
            with entries:
                for entry in islice(entries, PARTS):
                    try:
                        if entry.stat(follow_symlinks=False).st_mtime < oldest:
                            Path(entry).unlink()
                            removed += 1
                    except FileNotFoundError:
                        continue  # its writer has just finished, or another has tidied
        return removed

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _write(self, name: str, data: bytes) -> None:
        """Write under a passing name, flush to the disk, rename: readers see all or nothing.

        All passing names are in one folder, so that those left behind are found without a search.
        """
        path, parts = self._path(name), self._folder / _PARTS
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        parts.mkdir(exist_ok=True)
        descriptor, passing = tempfile.mkstemp(dir=parts, suffix=".part")
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


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """What the disk says, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailableError(
            f"The image folder did not {what}: {error.strerror or error}."
        ) from error
