"""The data folder: ours, private, and held by one Limner at a time."""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from limner.domain.errors import StartError
from limner.embedded.account import ROOT, Account

_ADVICE = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EROFS: "make it writable",
    errno.EEXIST: "there is a file where a folder should be: move it away",
    errno.ELOOP: "there is a link where a file or a folder should be: move it away",
    errno.ENOTDIR: "there is a file where a folder should be: move it away",
}
"""What to do about an error of the file system; for all others it is the permissions."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Be the only Limner on a data folder, which is made if there is none.

    The lock is the kernel's (flock), on a file that stays: it goes when its holder does, however
    that ends, and a child process does not inherit it.

    Raises:
        StartError: another one holds it, or the folder can't be used.
    """
    claim(folder)
    lock = open_file(folder / "lock", os.O_RDWR)
    try:
        _lock(lock, folder)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    try:
        with telling(folder):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode().strip() or "unknown"
        raise StartError(
            f"{folder} is in use by another limner (pid {holder}); end that one, or choose"
            " another folder with LIMNER_DATA_DIR."
        ) from None


def holder(folder: Path) -> str | None:
    """The pid of the Limner that holds a data folder, or "unknown"; None when nobody does.

    The kernel tells only whoever asks for the lock. It is given back within microseconds; a Limner
    that starts in those would be told that the folder is in use.

    Raises:
        StartError: it can't be looked at.
    """
    with telling(folder), suppress(FileNotFoundError):
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.pread(lock, 32, 0).decode().strip() or "unknown"
        finally:
            os.close(lock)
    return None


def claim(folder: Path) -> None:
    """Make the data folder, or see that the one that is there is ours to use.

    Raises:
        StartError: it can't be made or written to, or somebody else could change what is in it.
    """
    with telling(folder):
        folder.mkdir(mode=_mode(), parents=True, exist_ok=True)
        found = folder.stat()
    us = os.geteuid()
    # Root's folder is fine where it lets us write: that is how a volume reaches a container.
    foreign = found.st_uid not in {us, ROOT} and us != ROOT
    if foreign or stat.S_IMODE(found.st_mode) & stat.S_IWOTH:
        whose = f"belongs to account {found.st_uid}" if foreign else "can be changed by everybody"
        raise StartError(
            f"{folder} {whose}, so a database in it would not be safe; choose a folder of your own"
            f" with LIMNER_DATA_DIR, like {folder / 'limner'}."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StartError(
            f"You may not write in {folder}; change its permissions, or choose another folder with"
            " LIMNER_DATA_DIR."
        )


def _mode() -> int:
    """Root's folder lets its servant account pass, and nobody look: its own folders are private."""
    return 0o711 if os.geteuid() == ROOT else 0o700


def open_file(path: Path, flags: int) -> int:
    """Open a file of the data folder, making it if there is none, for its owner's eyes only.

    What root makes in somebody's folder becomes theirs: they want to use it again without root.

    Raises:
        StartError: it can't be opened or made, or is a link.
    """
    with telling(path):
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        owner = path.parent.stat()
        if os.geteuid() == ROOT != owner.st_uid:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def make_private(place: Path, account: Account) -> None:
    """Make a folder that is the account's alone, or make the account's own that is there private.

    Raises:
        StartError: it can't be made, is another account's, or is a link.
    """
    with telling(place):
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
            if not account.is_ours:
                _give(place, account)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            owner = os.fstat(descriptor).st_uid
            if owner == account.uid:
                os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)
    if owner != account.uid:
        raise StartError(
            f"{place} should belong to account {account.uid}, and belongs to account {owner}; move"
            " it away."
        )


def _give(place: Path, account: Account) -> None:
    try:
        os.chown(place, account.uid, account.gid, follow_symlinks=False)
    except OSError as error:
        raise StartError(
            f"Root can't give {place} to account {account.uid}, which it should belong to"
            f" ({error.strerror}); run Limner as an ordinary user, or give LIMNER_DATABASE_URL."
        ) from error


def remove(place: Path) -> None:
    """Remove a folder with all that is in it, if it is there."""
    with telling(place), suppress(FileNotFoundError):
        shutil.rmtree(place)


@contextmanager
def telling(place: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence; leaves `BlockingIOError` as it is."""
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "change its permissions")
        raise StartError(
            f"Limner can't use {place} ({error.strerror}); {advice}, or choose another folder with"
            " LIMNER_DATA_DIR."
        ) from error
