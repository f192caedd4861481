"""What tests of faults start from: servers that they may kill, and workers that they can lead."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from limner.embedded import PostgresServer, ValkeyServer
from limner.jobs.queue import Queue, open_queue
from limner.store.database import Database
from limner.store.migrate import migrate
from stage.process import Process, running
from worker.easel import Easel, open_easel

TESTS = Path(__file__).parents[1]


@pytest_asyncio.fixture(scope="session")
async def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ValkeyServer]:
    """A Valkey whose queue no other test's worker looks into; each test leaves it running."""
    folder = tmp_path_factory.mktemp("faults")
    async with ValkeyServer(folder, {"appendonly": "no"}) as server:
        yield server


@pytest_asyncio.fixture
async def redis_url(own_valkey: ValkeyServer) -> str:
    """An empty Valkey."""
    async with Redis.from_url(own_valkey.url) as client:
        await client.flushall()
    return own_valkey.url


@pytest_asyncio.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """A migrated Postgres that a test may kill."""
    async with PostgresServer(tmp_path / "postgres", {"fsync": "off"}) as server:
        await migrate(server.url)
        yield server


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """The settings of the test's own Limner: who is silent for a second has lost its lease."""
    return {**env, "LIMNER_LEASE_SECONDS": "1"}


@pytest.fixture
def hired(env: dict[str, str]) -> Callable[..., AbstractAsyncContextManager[Process]]:
    """Starts a worker that draws at the test's word, see `faults.hired`."""

    @asynccontextmanager
    async def start(**settings: str) -> AsyncIterator[Process]:
        led = {**env, "PYTHONPATH": str(TESTS), **settings}
        async with running("hired", env=led, module="faults.hired") as process:
            await process.said("Waiting for generations")
            yield process

    return start


@pytest_asyncio.fixture
async def easel(database: Database, redis_url: str, tmp_path: Path) -> AsyncIterator[Easel]:
    """A drawing in this process."""
    async with open_easel(database, redis_url, tmp_path) as easel:
        yield easel


@pytest_asyncio.fixture
async def queue(redis_url: str) -> AsyncIterator[Queue]:
    """The queue of the easel's Redis."""
    async with open_queue(redis_url) as opened:
        yield opened
