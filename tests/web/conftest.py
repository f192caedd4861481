"""Two APIs for all tests of HTTP, each test with stories of its own: one draws, one never does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio

from limner.embedded import PostgresServer, ValkeyServer
from stage.author import Author, session_of
from stage.process import running


@pytest_asyncio.fixture(scope="session")
async def _sites(
    postgres: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Author]]:
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("sites")
        # Of their own: a worker that outlives a test would take the jobs of all others.
        valkey = await stack.enter_async_context(ValkeyServer(folder))
        connection = await asyncpg.connect(postgres.url)
        stack.push_async_callback(connection.close)
        envs = []
        for number in range(2):
            name = f"site_{number}"
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            envs.append(
                {
                    "LIMNER_DATABASE_URL": postgres.url.replace("/limner?", f"/{name}?"),
                    "LIMNER_REDIS_URL": valkey.url.replace("db=0", f"db={number}"),
                    "LIMNER_DATA_DIR": str(folder),
                    "LIMNER_PORT": "0",
                    "LIMNER_PROVIDER": "blank",
                    "LIMNER_AVATAR_SECONDS": "0.2",
                }
            )
        drawing, waiting, worker = await asyncio.gather(
            stack.enter_async_context(running("api", "--child", env=envs[0])),
            stack.enter_async_context(running("api", "--child", env=envs[1])),
            stack.enter_async_context(running("worker", "--child", env=envs[0])),
        )
        await worker.said("Waiting for generations")
        authors = []
        for process in (drawing, waiting):
            address = str((await process.said("Serving"))["address"])
            session = await stack.enter_async_context(session_of(address))
            authors.append(Author(session, address))
        yield authors


@pytest.fixture
def author(_sites: list[Author]) -> Author:
    """A client of an API with a worker behind it."""
    return _sites[0]


@pytest.fixture
def waiting(_sites: list[Author]) -> Author:
    """A client of an API without a worker: what it asks for stays in flight."""
    return _sites[1]


@pytest.fixture
def url(waiting: Author) -> str:
    """Where the API without a worker is."""
    return waiting.address
