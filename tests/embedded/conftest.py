"""A data folder for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from limner.embedded import PostgresServer


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Not there yet. What is above it is pytest's, and closed to every other account."""
    yield tmp_path / "data"
    if (tmp_path / "data").is_dir():
        shutil.rmtree(tmp_path / "data")  # pytest would keep 40 MB of each test for three runs


@pytest.fixture(scope="session")
async def used(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """One that was used before, and has a database.

    Tests that need no first start take turns on it: each must leave it fit for the next.
    """
    used = tmp_path_factory.mktemp("used") / "data"
    async with PostgresServer(used, {"fsync": "off"}):
        pass
    yield used
    shutil.rmtree(used)
