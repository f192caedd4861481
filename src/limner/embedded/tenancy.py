"""The right to run a server on a folder: at most one has it, and it ends with its last process."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from limner.domain.errors import StartError
from limner.embedded.account import Account
from limner.embedded.folder import open_file, telling
from limner.embedded.processes import send, servers_on

_POLL_SECONDS = 0.01
_PATIENCE = ((None, 1.0), (Signals.SIGINT, 5.0), (Signals.SIGQUIT, 3.0), (Signals.SIGKILL, 3.0))
"""What the servers of a killed Limner are told, each with the seconds that they then get to go."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    folder: Path
    """The server's own folder, and its working directory."""
    account: Account
    """Whom it runs as."""
    lock: int
    """An open file with the kernel's lock (flock). The server's processes inherit it, all of them:
    so it is free when the last is gone, and no pid has to be believed for that."""


@asynccontextmanager
async def occupy(place: Path, account: Account) -> AsyncIterator[Tenancy]:
    """Be the only one to start a server on a folder, once what is left of an earlier one is gone.

    The caller holds the data folder, so an earlier one has no Limner any more: it was killed. Its
    servers are still on their way out, or stuck, and then they are ended.

    Raises:
        StartError: processes are still on the folder, and do not go.
    """
    path = place.with_name(f"{place.name}.lock")
    lock = await asyncio.to_thread(open_file, path, os.O_RDWR)
    try:
        await _outlast(place, lock)
        yield Tenancy(place, account, lock)
    finally:
        os.close(lock)


async def _outlast(place: Path, lock: int) -> None:
    for signum, seconds in _PATIENCE:
        if signum:
            await asyncio.to_thread(send, signum, place)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if await asyncio.to_thread(_is_vacant, place, lock):
                return
            await asyncio.sleep(_POLL_SECONDS)
    pids = ", ".join(str(pid) for pid in await asyncio.to_thread(servers_on, place))
    raise StartError(
        f"A server of an earlier run (pid {pids or 'unknown'}) still uses {place} and does not end;"
        " end it, then start again."
    )


def _is_vacant(place: Path, lock: int) -> bool:
    """Whether we have the lock, and nobody is there without it: started by hand, that is."""
    try:
        with telling(place):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return not servers_on(place)
