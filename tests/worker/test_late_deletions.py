"""Deletions that end long after everybody has given them up: what is stored meanwhile stays."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from limner.domain.errors import DatabaseUnavailableError, StorageUnavailableError
from limner.flows import retain
from limner.flows.retain import Retain
from limner.images import folder
from limner.images.folder import FolderStore
from limner.store.claims import Claims
from limner.store.database import Database
from limner.store.retention import Retention
from store.album import Album, drawing_of, names

FACE, OTHER = drawing_of("a face"), drawing_of("another face")
BOUND_SECONDS = 20.0
END_SWEEPING = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
"""
HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "ab")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


class Hanging(FolderStore):
    """A folder on a disk whose deletions end when it is allowed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.ended: list[str] = []

    def _delete(self, name: str) -> None:
        self.begun.release()
        assert self.may_end.wait(BOUND_SECONDS)
        super()._delete(name)
        self.ended.append(name)

    async def has_begun(self) -> None:
        """Return when a thread is in the middle of a deletion."""
        assert await asyncio.to_thread(self.begun.acquire, timeout=BOUND_SECONDS)


@pytest.fixture
def album(database: Database, tmp_path: Path) -> Album:
    """A folder for images with nothing in it."""
    return Album(database, tmp_path / "images")


@pytest.fixture
def hanging(album: Album) -> Iterator[Hanging]:
    """The same folder; nothing hangs any more when the test has ended."""
    store = Hanging(album.folder)
    yield store
    store.may_end.set()


def _retain(album: Album, store: FolderStore) -> Retain:
    return Retain(Retention(album.database), store)


async def _kept_while_it_hangs(album: Album, hanging: Hanging) -> None:
    """Somebody draws the same; not before the deletion has ended is it stored."""
    await Claims(album.database).claim(FACE.image, hold_seconds=600)
    keeping = asyncio.ensure_future(album.store.put(FACE))
    await asyncio.wait([keeping], timeout=0.1)
    assert not keeping.done(), "what is there is being deleted"
    hanging.may_end.set()
    await keeping
    assert hanging.ended
    assert album.files == names(FACE)


async def test_an_image_stored_while_its_deletion_was_given_up_is_there_in_the_end(
    album: Album, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retain, "DELETE_SECONDS", 0.2)
    await album.keep(FACE)
    await album.time_passes()
    assert not await _retain(album, hanging)()
    await hanging.has_begun()
    await _kept_while_it_hangs(album, hanging)


async def test_an_image_stored_after_its_sweep_was_stopped_is_there_in_the_end(
    album: Album, hanging: Hanging
) -> None:
    await album.keep(FACE)
    await album.time_passes()
    sweeping = asyncio.create_task(_retain(album, hanging)())
    await hanging.has_begun()
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    await _kept_while_it_hangs(album, hanging)


async def test_an_image_stored_after_postgres_ended_its_sweep_is_there_in_the_end(
    album: Album, hanging: Hanging, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retain, "DELETE_SECONDS", BOUND_SECONDS)
    await album.keep(FACE)
    await album.time_passes()
    sweeping = asyncio.create_task(_retain(album, hanging)())
    await hanging.has_begun()
    connection = await asyncpg.connect(database_url)
    await connection.execute(END_SWEEPING)
    await connection.close()
    await _kept_while_it_hangs(album, hanging)
    with suppress(DatabaseUnavailableError):
        await sweeping
    assert album.files == names(FACE)


async def test_a_deletion_that_hangs_holds_claims_up_for_a_bounded_time_and_is_no_second_time_begun(
    album: Album, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retain, "DELETE_SECONDS", 0.2)
    await album.keep(FACE)
    await album.time_passes()
    retaining = _retain(album, hanging)
    sweeping = asyncio.ensure_future(retaining())
    await Claims(album.database).claim(OTHER.image, hold_seconds=600)
    assert not await sweeping
    assert await album.known() == {FACE.image.sha256: True, OTHER.image.sha256: True}
    await hanging.has_begun()
    await album.time_passes()
    assert not await retaining()
    assert not hanging.begun.acquire(blocking=False), "another thread would hang as well"
    assert album.files == names(FACE)
    hanging.may_end.set()
    await album.time_passes()
    await retaining()
    assert album.files == set()


async def test_whoever_is_frozen_while_deleting_lets_nobody_believe_that_it_is_stored(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PUT_SECONDS", 0.1)
    await album.keep(FACE)
    lock = album.folder / ".locks" / FACE.image.name[:2]
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(lock), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGSTOP)
        with pytest.raises(StorageUnavailableError, match="kept it locked"):
            await album.store.put(FACE)
    finally:
        holder.kill()
        await holder.wait()
    await album.store.put(FACE)


async def test_who_stores_the_same_at_once_does_not_wait_for_each_other(album: Album) -> None:
    await asyncio.gather(*(FolderStore(album.folder).put(FACE) for _ in range(20)))
    assert album.files == names(FACE)
