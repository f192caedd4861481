"""What tests of the worker start from."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from limner.embedded import PostgresServer, ValkeyServer
from limner.store.database import Database
from stage.author import Author
from stage.process import running
from worker.easel import Easel, open_easel


@pytest_asyncio.fixture(scope="session")
async def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ValkeyServer]:
    """A Valkey whose queue no other test's worker looks into."""
    async with ValkeyServer(tmp_path_factory.mktemp("worker")) as server:
        yield server


@pytest_asyncio.fixture
async def redis_url(own_valkey: ValkeyServer) -> str:
    """An empty Valkey."""
    async with Redis.from_url(own_valkey.url) as client:
        await client.flushall()
    return own_valkey.url


@pytest_asyncio.fixture(scope="session")
async def shop(
    postgres: PostgresServer,
    own_valkey: ValkeyServer,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[dict[str, str], Author]]:
    """An API for all tests of workers: its settings, and a client of it."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE shop TEMPLATE {template}")
    await connection.close()
    env = {
        "LIMNER_DATABASE_URL": postgres.url.replace("/limner?", "/shop?"),
        "LIMNER_REDIS_URL": own_valkey.url,
        "LIMNER_DATA_DIR": str(tmp_path_factory.mktemp("shop")),
        "LIMNER_PORT": "0",
        "LIMNER_PROVIDER": "blank",
    }
    async with running("api", "--child", env=env) as process:
        address = str((await process.said("Serving"))["address"])
        async with aiohttp.ClientSession(address) as session:
            yield env, Author(session)


@pytest.fixture
def env(shop: tuple[dict[str, str], Author], redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of the test's own workers, whose queue is empty."""
    return {**shop[0], "LIMNER_REDIS_URL": redis_url, "LIMNER_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def author(shop: tuple[dict[str, str], Author]) -> Author:
    """A client of the API."""
    return shop[1]


@pytest_asyncio.fixture
async def easel(database: Database, redis_url: str, tmp_path: Path) -> AsyncIterator[Easel]:
    """A drawing in this process."""
    async with open_easel(database, redis_url, tmp_path) as easel:
        yield easel
