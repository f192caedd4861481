"""What the jobs of all peers do: nothing but writing down when they began.

Runs in the peers' own Python, on the standard library alone. The clock is the same in all processes
of a Linux machine.
"""

import functools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable

STAMPS = "BENCH_STAMPS"
"""The variable that names the file; one line for each job: sent, began, in nanoseconds."""
REDIS_URL = "BENCH_REDIS_URL"


def stamp(sent_ns: int) -> None:
    """The whole job: its first line reads the clock, and one small write tells of it."""
    began_ns = time.monotonic_ns()
    os.write(_file(), f"{sent_ns} {began_ns}\n".encode())


async def send_all(send: Callable[[int], Awaitable[object]]) -> None:
    """Send a job after each of the pauses (ms, a JSON list) that are read from standard input."""
    for pause_ms in json.load(sys.stdin):
        if pause_ms:
            time.sleep(pause_ms / 1000)  # noqa: ASYNC251 - there is nobody else in this process
        await send(time.monotonic_ns())


@functools.cache
def _file() -> int:
    return os.open(os.environ[STAMPS], os.O_WRONLY | os.O_APPEND)
