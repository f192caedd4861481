"""The machine: what it is, which core a process runs on, what a process has used.

The server that is measured has core 0 to itself; everything else (load client, publisher, Postgres,
Valkey) is on core 1. With one core nothing is pinned, and the results say so.
"""

import os
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

SERVER_CORE = 0
OTHERS_CORE = 1
PROC = Path("/proc")
NS = 1_000_000_000


def described() -> dict[str, str]:
    """What this machine is, by name, for whoever reads the figures."""
    info = (PROC / "cpuinfo").read_text(encoding="utf-8")
    models = [line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line]
    memory = (PROC / "meminfo").read_text(encoding="utf-8").split()[1]
    return {
        "CPU": models[0] if models else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory) / 2**20:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "pinned": "server on core 0, everything else on core 1" if can_pin() else "no: one core",
    }


@cache
def can_pin() -> bool:
    """Whether there is a core for the server alone."""
    return {SERVER_CORE, OTHERS_CORE} <= os.sched_getaffinity(1)


def pin(pid: int, core: int, *, with_children: bool = True) -> None:
    """Keep a process, its threads and the children it has by now on one core.

    Children that it starts later inherit this. Without a second core nothing happens.
    """
    if not can_pin():
        return
    for one in family(pid) if with_children else [pid]:
        with suppress(FileNotFoundError):
            for thread in (PROC / str(one) / "task").iterdir():
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), {core})


@contextmanager
def staying(core: int) -> Iterator[None]:
    """Keep this process on one core, and let it go where it might before when the block ends."""
    allowed = os.sched_getaffinity(0)
    pin(os.getpid(), core, with_children=False)
    try:
        yield
    finally:
        for thread in (PROC / "self" / "task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), allowed)


def pinning(core: int) -> Callable[[], None] | None:
    """What a child does before it becomes another program, so that it never runs elsewhere."""
    return (lambda: os.sched_setaffinity(0, {core})) if can_pin() else None


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process, its threads and its children, those that have ended included."""
    return sum(_own_seconds(one) for one in family(pid))


def memory_kib(pid: int) -> int:
    """What a process and its children hold in memory: PSS, where shared pages are shared out."""
    return sum(_pss_kib(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """A process and all its descendants; nothing when it has ended."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            children[int(stat.rpartition(")")[2].split()[1])].append(int(folder.name))
    found = [pid] if (PROC / str(pid)).exists() else []
    for one in found:
        found += children[one]
    return found


def _own_seconds(pid: int) -> float:
    """Of living threads to the nanosecond; of children that have ended in clock ticks."""
    folder = PROC / str(pid)
    seconds = 0.0
    try:
        fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        threads = list((folder / "task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return seconds
    seconds += (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    for thread in threads:
        with suppress(FileNotFoundError, ProcessLookupError):
            words = (thread / "schedstat").read_text(encoding="ascii").split()
            seconds += int(words[0]) / NS
    return seconds


def _pss_kib(pid: int) -> int:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
