"""A Postgres that is there and does not answer."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.embedded import PostgresServer


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """Every process of a server stands still while the block runs (on Linux, by /proc)."""
    assert server.pid is not None
    stopped = [server.pid]
    os.kill(server.pid, signal.SIGSTOP)  # first, so that it has no more children
    try:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        for pid in map(int, children):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
