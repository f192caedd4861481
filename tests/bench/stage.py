"""What all measures are played on: a Postgres that is durable, a Valkey, and Limner's own API."""

import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import machine
from limner.bus.publish import open_bus
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.database import Database, open_database
from limner.store.migrate import migrate
from stage.process import Process, running
from stream.hand import Hand

HANDS = 10
"""Connections with which transitions are made."""
MOST_STREAMS = 20_000
LAST_LINES = 8
"""Of a process's log, which whoever reads of a failure is shown."""


@dataclass(frozen=True)
class Stage:
    """Two servers on core 1, and what writes to them."""

    folder: Path
    """For everything that a measure puts on the disk; it goes with the stage."""
    database_url: str
    redis_url: str
    database: Database
    hand: Hand
    """Makes transitions with durable commits, and tells of them through Limner's own bus."""
    env: dict[str, str]
    """Settings for Limner's processes."""
    postgres_pid: int
    """Its master process; the others are its children."""
    valkey_pid: int
    is_filled: bool = False
    """Whether there are stories in it already, which stay."""


@dataclass(frozen=True)
class Serving:
    """A server that is being measured."""

    pid: int
    port: int
    """On 127.0.0.1."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def open_stage(
    postgres_settings: Mapping[str, str] | None = None, *, filled: Path | None = None
) -> AsyncIterator[Stage]:
    """A stage with a migrated database, for as long as the block runs.

    Args:
        postgres_settings: other values for Postgres's settings than those it is shipped with.
        filled: a data folder with stories in it, which stays; if there is none, the stage has a
            new one, which goes with it.
    """
    allow_many_files()
    with ExitStack() as stack:
        folder = filled or Path(stack.enter_context(TemporaryDirectory(prefix="limner-bench-")))
        async with (
            PostgresServer(folder, postgres_settings) as postgres,
            ValkeyServer(folder) as valkey,
            open_bus(valkey.url) as bus,
        ):
            assert postgres.pid is not None
            assert valkey.pid is not None
            pids = postgres.pid, valkey.pid
            for pid in pids:
                machine.pin(pid, machine.OTHERS_CORE)
            await migrate(postgres.url)
            async with open_database(postgres.url, connections=HANDS) as database:
                env = {
                    "LIMNER_DATABASE_URL": postgres.url,
                    "LIMNER_REDIS_URL": valkey.url,
                    "LIMNER_DATA_DIR": str(folder),
                    "LIMNER_PORT": "0",
                    "LIMNER_PROVIDER": "blank",
                    "LIMNER_MAX_STREAMS": str(MOST_STREAMS),
                    "LIMNER_MAX_STREAMS_PER_OWNER": str(MOST_STREAMS),
                }
                hand = Hand(database, bus)
                urls = postgres.url, valkey.url
                is_filled = filled is not None
                yield Stage(folder, *urls, database, hand, env, *pids, is_filled=is_filled)


@asynccontextmanager
async def serving(stage: Stage, **settings: str) -> AsyncIterator[Serving]:
    """One API process of Limner on core 0."""
    async with limner(stage, "api", "--child", core=machine.SERVER_CORE, **settings) as process:
        line = await process.said("Serving")
        yield Serving(process.pid, int(str(line["address"]).rpartition(":")[2]))


@asynccontextmanager
async def limner(stage: Stage, *words: str, core: int, **settings: str) -> AsyncIterator[Process]:
    """`limner WORDS` on this core."""
    async with running(*words, env={**stage.env, **settings}) as process:
        machine.pin(process.pid, core)
        try:
            yield process
        except BaseException as error:
            error.add_note("\n".join([f"{words[0]} said last:", *process.raw[-LAST_LINES:]]))
            raise


def allow_many_files() -> None:
    """As many open files as the system lets us have; child processes inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
