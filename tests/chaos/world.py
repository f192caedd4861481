"""The servers and processes that chaos is played on."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.painter import BROKEN, JOURNAL
from chaos.victims import Member, Postgres, Valkey
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.migrate import migrate

APIS = 2
WORKERS = 3
TESTS = Path(__file__).parents[1]
_SETTINGS = {
    "LIMNER_PROVIDER": "blank",
    "LIMNER_LEASE_SECONDS": "2",
    "LIMNER_WORKER_CONCURRENCY": "4",
    "LIMNER_HEARTBEAT_SECONDS": "3",
    "LIMNER_STREAM_SECONDS": "45",
    "LIMNER_MAX_STREAMS_PER_OWNER": "1000",
}


@dataclass(frozen=True)
class World:
    """All that can be hit, and where it is."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    apis: list[Member]
    workers: list[Member]
    addresses: list[str]
    """Of the APIs; each keeps its own for all its lives."""

    @property
    def journal(self) -> Path:
        """What the painters wrote, a line for each picture."""
        return self.folder / "journal"

    @property
    def members(self) -> list[Member]:
        return [*self.apis, *self.workers]

    @property
    def mishaps(self) -> list[str]:
        """What no process should have done."""
        return [mishap for member in self.members for mishap in member.mishaps]

    def keep_logs(self) -> None:
        """Write what all processes said into the folder."""
        for member in self.members:
            lines = [line for process in member.lives for line in (*process.raw, "--- ended")]
            (self.folder / f"{member.name}.log").write_text("\n".join(lines))

    def tracebacks(self) -> list[str]:
        """The log lines that carry one, those aside that tell of a broken provider."""
        signs = ("Traceback (most recent", "never retrieved", "was never awaited")
        return [
            f"{member.name}: {line}"
            for member in self.members
            for process in member.lives
            for line in process.raw
            if any(sign in line for sign in signs) and BROKEN not in line
        ]


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    """A world at work, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        # Killed processes lose no page of the kernel's, so Postgres need not wait for the disk.
        postgres = PostgresServer(folder, {"fsync": "off"})
        valkey = ValkeyServer(folder, {"appendonly": "no"})
        await asyncio.gather(stack.enter_async_context(postgres), stack.enter_async_context(valkey))
        await migrate(postgres.url)
        ports = _free_ports(APIS)
        shared = {
            **_SETTINGS,
            JOURNAL: str(folder / "journal"),
            "LIMNER_DATABASE_URL": postgres.url,
            "LIMNER_REDIS_URL": valkey.url,
            "LIMNER_DATA_DIR": str(folder),
            "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
        }
        world = World(
            folder,
            Postgres("Postgres", postgres),
            Valkey("Valkey", valkey),
            [_api(number, {**shared, "LIMNER_PORT": str(port)}) for number, port in ports.items()],
            [_worker(number, shared) for number in range(1, WORKERS + 1)],
            [f"http://127.0.0.1:{port}" for port in ports.values()],
        )
        for member in world.members:
            stack.push_async_callback(member.aclose)
        await asyncio.gather(*(member.start() for member in world.members))
        yield world


def _api(number: int, env: dict[str, str]) -> Member:
    return Member(f"API {number}", ("api", "--child"), "limner.cli", "Serving", env)


def _worker(number: int, env: dict[str, str]) -> Member:
    return Member(f"worker {number}", ("painter",), "chaos.painter", "Waiting for generations", env)


def _free_ports(count: int) -> dict[int, int]:
    """So many ports that nobody listens on, numbered from 1: all found before any is given up."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return {number: each.getsockname()[1] for number, each in enumerate(listeners, start=1)}
    finally:
        for each in listeners:
            each.close()
