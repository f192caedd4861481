"""Images in a folder, which any number of processes may share.

Deleting is a call to the kernel that nothing takes back: on a disk that is busy or away it may come
to its end long after everybody has given it up. So it is done under a lock that its own thread
holds to that end, and whoever stores under the same name waits for it before looking what is there.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from limner.domain.errors import NotFoundError, StorageUnavailableError
from limner.images.inspect import Inspected
from limner.images.lock import EXCLUSIVE, SHARED, locked

PUT_SECONDS: Final = 10.0
"""How long to wait for somebody who deletes what is to be stored."""
REMOVE_SECONDS: Final = 10.0
"""How long to wait for those who store what is to be deleted, and then for being told to."""
PART_SECONDS: Final = 60 * 60.0
"""A file that is not whole after this time was left behind by somebody who was killed."""
PARTS: Final = 1000
"""How many such files are looked at, at once."""
_PARTS = ".parts"
_LOCKS = ".locks"


class FolderStore:
    """An `ImageStore` in a folder: `ab/abcd….png`, written whole or not at all.

    Args:
        folder: made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._removal: asyncio.Future[None] | None = None
        self._flushed: set[str] = set()

    async def put(self, inspected: Inspected) -> None:
        """See `ImageStore.put`."""
        await asyncio.to_thread(self._put, inspected)

    async def get(self, name: str) -> bytes:
        """See `ImageStore.get`."""
        return await asyncio.to_thread(self._get, name)

    @asynccontextmanager
    async def removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """See `ImageStore.removing`. One at a time: of threads that hang there is one at most.

        A file that comes back after a power failure, because the folder was not flushed, is
        nobody's: it costs its place on the disk.
        """
        while self._removal is not None and not self._removal.done():
            await asyncio.wait([self._removal])
        held, may_go = Future[None](), Future[bool]()
        loop = asyncio.get_running_loop()
        removal = loop.run_in_executor(None, self._remove, name, held, may_go)
        removal.add_done_callback(_hear)
        self._removal = removal

        async def remove() -> None:
            may_go.set_result(True)
            await asyncio.shield(removal)

        try:
            await asyncio.wait(
                [removal, asyncio.wrap_future(held)], return_when=asyncio.FIRST_COMPLETED
            )
            if removal.done():
                removal.result()
            yield remove
        finally:
            if not may_go.done():
                may_go.set_result(False)

    async def tidy(self) -> int:
        """See `ImageStore.tidy`."""
        return await asyncio.to_thread(self._tidy)

    def _put(self, inspected: Inspected) -> None:
        with _refusing("take an image"):
            if not self._folder.is_dir():
                self._folder.mkdir(parents=True, exist_ok=True)
            for name, data in (
                (inspected.image.thumbnail, inspected.thumbnail),
                (inspected.image.name, inspected.data),
            ):
                with locked(self._lock(name), SHARED, patience_seconds=PUT_SECONDS):
                    self._write(name, data)

    def _get(self, name: str) -> bytes:
        with _refusing("give an image"):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                raise NotFoundError("There is no such image.") from None

    def _remove(self, name: str, held: "Future[None]", may_go: "Future[bool]") -> None:
        with (
            _refusing("delete an image"),
            locked(self._lock(name), EXCLUSIVE, patience_seconds=REMOVE_SECONDS),
        ):
            held.set_result(None)
            if may_go.result(timeout=REMOVE_SECONDS):
                self._delete(name)

    def _delete(self, name: str) -> None:
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

    def _lock(self, name: str) -> Path:
        """One lock for many names: a file for each would stay for ever."""
        return self._folder / _LOCKS / name[:2]

    def _write(self, name: str, data: bytes) -> None:
        """Have it on the disk, whole, also if somebody else has just brought it there.

        A file is found after a power failure when the folders that lead to it were flushed, too.
        """
        path = self._path(name)
        if not path.exists():
            self._bring(path, data)
        _flush(path.parent)
        if path.parent.name not in self._flushed:
            # once for each: whoever makes one flushes, too, and nobody ever removes any
            _flush(self._folder)
            self._flushed.add(path.parent.name)

    def _bring(self, path: Path, data: bytes) -> None:
        """Write under a passing name, flush to the disk, rename: readers see all or nothing.

        All passing names are in one folder, so that those left behind are found without a search.
        """
        parts = self._folder / _PARTS
        if not path.parent.is_dir():
            self._flushed.discard(path.parent.name)
            path.parent.mkdir(exist_ok=True)
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


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """What the disk says, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailableError(
            f"The image folder did not {what}: {error.strerror or error}."
        ) from error


def _hear(removal: "asyncio.Future[None]") -> None:
    """Nobody may wait for it any more, and then its error is nobody's."""
    if not removal.cancelled():
        removal.exception()
