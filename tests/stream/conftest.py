"""An API for all tests of streams. Nobody draws behind it: the tests move generations by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from limner.bus.publish import open_bus
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.database import open_database
from stage.author import Author
from stage.process import running
from stream.hand import Hand, Site


@pytest_asyncio.fixture(scope="session")
async def site(
    postgres: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """An API process whose streams are never silent for long."""
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("stream")
        valkey = await stack.enter_async_context(ValkeyServer(folder))
        connection = await asyncpg.connect(postgres.url)
        stack.push_async_callback(connection.close)
        await connection.execute(f"CREATE DATABASE streams TEMPLATE {template}")
        env = {
            "LIMNER_DATABASE_URL": postgres.url.replace("/limner?", "/streams?"),
            "LIMNER_REDIS_URL": valkey.url,
            "LIMNER_DATA_DIR": str(folder),
            "LIMNER_PORT": "0",
            "LIMNER_PROVIDER": "blank",
            "LIMNER_HEARTBEAT_SECONDS": "0.3",
        }
        process, database, bus = await asyncio.gather(
            stack.enter_async_context(running("api", "--child", env=env)),
            stack.enter_async_context(open_database(env["LIMNER_DATABASE_URL"], connections=5)),
            stack.enter_async_context(open_bus(valkey.url)),
        )
        redis = Redis.from_url(valkey.url)
        stack.push_async_callback(redis.aclose)
        address = str((await process.said("Serving"))["address"])
        session = await stack.enter_async_context(aiohttp.ClientSession(address))
        yield Site(env, process, Author(session), Hand(database, bus), redis)


@pytest.fixture
def author(site: Site) -> Author:
    """A client of the API."""
    return site.author


@pytest.fixture
def hand(site: Site) -> Hand:
    """Moves generations behind the API."""
    return site.hand


@pytest.fixture
def redis(site: Site) -> "Redis":
    """The API's Valkey, as anybody can reach it."""
    return site.redis
