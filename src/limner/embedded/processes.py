"""Which processes of this machine are servers on a folder. Only Linux tells; elsewhere: none."""

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_PROGRAMS = ("postgres", "valkey-server")


def servers_on(place: Path) -> list[int]:
    """The pids of servers that run on the folder, with all the processes that they forked."""
    if not _PROC.is_dir() or not place.is_dir():
        return []
    pids = (int(process.name) for process in _PROC.iterdir() if process.name.isdigit())
    return [pid for pid in pids if _is_server_on(pid, place)]


def send(signum: signal.Signals, place: Path) -> None:
    """Signal the servers on the folder, and nothing else.

    A process is held by a descriptor while it is looked at: so the signal can't reach a later one
    that was given the same pid.
    """
    for pid in servers_on(place):
        with suppress(ProcessLookupError, PermissionError):
            handle = os.pidfd_open(pid)
            try:
                if _is_server_on(pid, place):
                    signal.pidfd_send_signal(handle, signum)
            finally:
                os.close(handle)


def _is_server_on(pid: int, place: Path) -> bool:
    """Judged by the folder that it is in and the name that it goes by.

    Root in a container may not see in which folder another account's process is; there, Postgres
    is known by its command line, which names the folder.
    """
    process = _PROC / str(pid)
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    # A process that Postgres forked calls itself "postgres: checkpointer".
    if Path(os.fsdecode(words[0]).split(":")[0].split(" ")[0]).name not in _PROGRAMS:
        return False
    try:
        return (process / "cwd").samefile(place)
    except PermissionError:
        return os.fsencode(place) in words
    except (FileNotFoundError, ProcessLookupError):
        return False
