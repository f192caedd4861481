"""The processes that a process started, and theirs; held so that their end can be waited for."""

import asyncio
import os
import select
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


def descendants(pid: int) -> dict[int, str]:
    """The pids of a process's children, and of theirs, with their command lines."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            with suppress(OSError):
                words = (Path("/proc") / str(child) / "cmdline").read_bytes()
                found[child] = words.replace(b"\0", b" ").decode().strip()
                waiting.append(child)
    return found


@contextmanager
def held(pids: dict[int, str]) -> Iterator[dict[int, str]]:
    """Processes by descriptors, which go on naming them when they have ended."""
    with ExitStack() as stack:
        holding = {}
        for pid, words in pids.items():
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                stack.callback(os.close, descriptor)
                holding[descriptor] = words
        yield holding


async def survivors(holding: dict[int, str], seconds: float) -> list[str]:
    """Those that have not ended when the time is up."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    left = dict(holding)
    while left and loop.time() < until:
        ended, _, _ = await asyncio.to_thread(
            select.select, list(left), [], [], until - loop.time()
        )
        for descriptor in ended:
            del left[descriptor]
    return list(left.values())
