"""Locks among all threads and processes that share a folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SHARED: Final = fcntl.LOCK_SH
EXCLUSIVE: Final = fcntl.LOCK_EX
_LOOK_SECONDS: Final = 0.01
_FOR_WRITING: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
"""NFS locks what is open for reading for oneself alone no other."""


@contextmanager
def locked(path: Path, kind: int, *, patience_seconds: float) -> Iterator[None]:
    """Hold a lock file while the block runs. It blocks: call it in a thread.

    The kernel ends the lock of a process that is killed, once what it was doing in the kernel has
    ended; one that is frozen keeps it. Neither is true of a lock in a database.

    Args:
        path: the file, which stays; its folder is made if only that is missing.
        kind: `SHARED` or `EXCLUSIVE`.
        patience_seconds: how long to wait for others.

    Raises:
        OSError: the folder is not there, or somebody else kept the lock for too long.
    """
    descriptor = _opened(path)
    try:
        until = time.monotonic() + patience_seconds
        while not _has_locked(descriptor, kind):
            if time.monotonic() > until:
                raise TimeoutError(f"somebody has kept it locked for {patience_seconds:g} s")
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        return os.open(path, _FOR_WRITING, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(exist_ok=True)
        return os.open(path, _FOR_WRITING, 0o666)


def _has_locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
