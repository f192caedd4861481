"""The stores that images can be kept in, each the real one."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from images.moto import SETTINGS, Moto, running_moto
from images.relay import Relay, relayed
from limner.images import bucket
from limner.images.base import ImageStore
from limner.images.bucket import Bucket, open_bucket
from limner.images.folder import FolderStore
from limner.images.s3 import S3Store
from limner.settings import Settings, load
from limner.store.database import Database
from store.album import Album
from store.story import Story

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """A store, and what can be done to what lies under it."""

    store: ImageStore
    away: Callable[[], AbstractAsyncContextManager[None]]
    """It is not there while the block runs."""


@pytest_asyncio.fixture(scope="session")
async def moto() -> AsyncIterator[Moto]:
    """One S3 server for all tests."""
    async with running_moto() as server:
        yield server


@pytest_asyncio.fixture
async def relay(moto: Moto) -> AsyncIterator[Relay]:
    """What lies between the test and the S3 server."""
    async with relayed(moto.port) as between:
        yield between


@pytest_asyncio.fixture
async def s3_env(moto: Moto, relay: Relay) -> dict[str, str]:
    """The settings for a bucket of the test's own, behind the relay."""
    name = f"bucket-{next(_numbers)}"
    await moto.ask("PUT", f"/{name}")
    return {
        **SETTINGS,
        "LIMNER_STORAGE_URL": f"s3://{name}/of/tests/",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{relay.port}",
    }


@pytest.fixture
def s3_settings(
    s3_env: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Settings:
    """The same, read. What fails is not tried again, so that no test waits for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bucket, "TRIES", 1)
    for name, value in s3_env.items():
        monkeypatch.setenv(name, value)
    return load()


@pytest_asyncio.fixture
async def opened(s3_settings: Settings) -> AsyncIterator[Bucket]:
    """The bucket."""
    async with open_bucket(s3_settings) as it:
        yield it


@pytest.fixture
def store(opened: Bucket) -> S3Store:
    """The store in the bucket."""
    return S3Store(opened)


@pytest_asyncio.fixture
async def story(database: Database) -> Story:
    """A story with nobody in it yet."""
    return await Story.begun(database)


@pytest.fixture
def album(database: Database, tmp_path: Path) -> Album:
    """What the rows of a database say of images."""
    return Album(database, tmp_path / "images")


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """A folder; when it is away, something else is in its place."""
    images, aside = tmp_path / "images", tmp_path / "aside"

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        images.mkdir(exist_ok=True)
        images.rename(aside)
        images.write_bytes(b"")
        try:
            yield
        finally:
            images.unlink()
            aside.rename(images)

    return Place(FolderStore(images), away)


@pytest.fixture
def s3(store: S3Store, relay: Relay) -> Place:
    """A bucket; when it is away, nobody listens where it was."""

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        await relay.go()
        try:
            yield
        finally:
            await relay.come()

    return Place(store, away)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of them, one after the other."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found
