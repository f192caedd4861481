"""What becomes of the servers of a Limner that was killed."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from limner.embedded import PostgresServer, ValkeyServer, hold

LIMNER = """
import asyncio, sys
from pathlib import Path
from limner.embedded import PostgresServer, ValkeyServer, hold

async def main(folder):
    with hold(folder):
        async with PostgresServer(folder, {"fsync": "off"}) as postgres:
            async with ValkeyServer(folder) as valkey:
                print(postgres.pid, valkey.pid, flush=True)
                await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


@contextmanager
def another_limner(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A Limner in a process of its own, and the pids of its two servers."""
    with subprocess.Popen(
        [sys.executable, "-c", LIMNER, folder], stdout=subprocess.PIPE, text=True
    ) as limner:
        assert limner.stdout
        try:
            yield limner, [int(pid) for pid in limner.stdout.readline().split()]
        finally:
            limner.kill()


def has_ended(process: int) -> bool:
    """Whether the process of a pidfd ends within three seconds."""
    try:
        return bool(select.select([process], [], [], 3)[0])
    finally:
        os.close(process)


def test_nothing_outlives_a_killed_limner(used: Path) -> None:
    with another_limner(used) as (limner, pids):
        # In sessions of their own: a terminal's Ctrl-C must not end them before we do.
        assert [os.getsid(pid) for pid in pids] == pids
        servers = [os.pidfd_open(pid) for pid in pids]
        limner.kill()
        assert [has_ended(server) for server in servers] == [True, True]


async def test_the_next_limner_starts_at_once_on_the_folder_of_a_killed_one(used: Path) -> None:
    with another_limner(used) as (limner, pids):
        limner.kill()
        limner.wait()
        with hold(used):
            async with PostgresServer(used) as postgres, ValkeyServer(used) as valkey:
                assert {postgres.pid, valkey.pid}.isdisjoint(pids)
                connection = await asyncpg.connect(postgres.url)
                await connection.close()
