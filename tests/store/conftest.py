"""What tests of the store start from: one database for all of them, empty at the start of each."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from limner.embedded import PostgresServer
from limner.store.database import Database, open_database
from limner.store.migrate import migrate
from store.album import Album
from store.story import Admin, Story

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="session")
async def shelf(postgres: PostgresServer) -> AsyncIterator[tuple[str, Database]]:
    """A migrated database, and a pool on it: a new one for each test would take 0.3 s."""
    url = await create_database(postgres, "shelf")
    await migrate(url)
    async with open_database(url, connections=20) as database:
        yield url, database


@pytest_asyncio.fixture
async def database(shelf: tuple[str, Database]) -> Database:
    """The pool, with nothing in the database."""
    _, database = shelf
    async with database.connection() as connection:
        await connection.execute(
            "DELETE FROM plots; DELETE FROM images; DELETE FROM idempotency_keys"
        )
    return database


@pytest.fixture
def database_url(shelf: tuple[str, Database], database: Database) -> str:
    """Where that database is."""
    url, _ = shelf
    return url


@pytest_asyncio.fixture
async def story(database: Database) -> Story:
    """A story with nobody in it yet."""
    return await Story.begun(database)


@pytest_asyncio.fixture
async def admin(database_url: str) -> AsyncIterator[Admin]:
    """A connection past all of our code."""
    connection: Admin = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def album(database: Database, tmp_path: Path) -> Album:
    """A folder for images with nothing in it."""
    return Album(database, tmp_path / "images")


@pytest_asyncio.fixture
async def bare_url(postgres: PostgresServer) -> str:
    """A database of the test's own that has never been migrated."""
    return await create_database(postgres, f"bare_{next(_numbers)}")


@pytest_asyncio.fixture(scope="session")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A Postgres that a test may stop and freeze; it must leave it running."""
    folder = tmp_path_factory.mktemp("mortal")
    async with PostgresServer(folder, {"fsync": "off"}) as server:
        await migrate(server.url)
        yield server


async def create_database(postgres: PostgresServer, name: str) -> str:
    """A new database on a server; its URL."""
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return postgres.url.replace("/limner?", f"/{name}?")
