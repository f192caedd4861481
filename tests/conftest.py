"""Real servers on free ports, for every test: Postgres and Valkey from their wheels, and Limner."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sse_starlette.sse import AppStatus

from limner.embedded import PostgresServer, ValkeyServer
from limner.store.database import Database, open_database
from limner.store.migrate import migrate
from stage.author import Author, session_of
from stage.process import Process, running

_numbers = itertools.count(1)
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@pytest_asyncio.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """One Postgres for all tests, without the care for power failures."""
    async with PostgresServer(tmp_path_factory.mktemp("pg"), QUICK) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ValkeyServer]:
    """One Valkey for all tests."""
    async with ValkeyServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def template(postgres: PostgresServer) -> str:
    """A migrated database that the tests' own are copied from; its name."""
    await _run(postgres.url, "CREATE DATABASE template_limner")
    await migrate(url_of(postgres, "template_limner"))
    return "template_limner"


@pytest_asyncio.fixture
async def database_url(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{next(_numbers)}"
    await _run(postgres.url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield url_of(postgres, name)
    await _run(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on the test's own database."""
    async with open_database(database_url, connections=20) as opened:
        yield opened


@pytest_asyncio.fixture
async def redis_url(valkey: ValkeyServer) -> str:
    """Valkey with nothing in it."""
    async with Redis.from_url(valkey.url) as redis:
        await redis.flushall()
    return valkey.url


@pytest.fixture
def env(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of the test's own Limner."""
    return {
        "LIMNER_DATABASE_URL": database_url,
        "LIMNER_REDIS_URL": redis_url,
        "LIMNER_DATA_DIR": str(tmp_path / "data"),
        "LIMNER_PORT": "0",
        "LIMNER_PROVIDER": "blank",
        "LIMNER_AVATAR_SECONDS": "0.2",
    }


Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]


@pytest.fixture
def api(env: dict[str, str]) -> Start:
    """Starts an API process on a free port, and a client of it."""

    @asynccontextmanager
    async def start(**settings: str) -> AsyncIterator[tuple[Process, Author]]:
        async with running("api", "--child", env={**env, **settings}) as process:
            line = await process.said("Serving")
            async with session_of(str(line["address"])) as session:
                yield process, Author(session, str(line["address"]))

    return start


@pytest.fixture
def worker(env: dict[str, str]) -> Callable[..., AbstractAsyncContextManager[Process]]:
    """Starts a worker process that is ready to draw."""

    @asynccontextmanager
    async def start(**settings: str) -> AsyncIterator[Process]:
        async with running("worker", "--child", env={**env, **settings}) as process:
            await process.said("Waiting for generations")
            yield process

    return start


@pytest_asyncio.fixture
async def author(
    api: Start, worker: Callable[..., AbstractAsyncContextManager[Process]]
) -> AsyncIterator[Author]:
    """A client of an API with one worker behind it."""
    async with AsyncExitStack() as stack:
        (_, author), _ = await asyncio.gather(
            stack.enter_async_context(api()), stack.enter_async_context(worker())
        )
        yield author


@pytest.fixture(autouse=True)
def _no_shutdown_from_another_test() -> None:
    """sse-starlette remembers for the whole process that a server was told to stop."""
    AppStatus.should_exit = False


def url_of(postgres: PostgresServer, name: str) -> str:
    """The URL of another database of the same server."""
    return postgres.url.replace("/limner?", f"/{name}?")


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
