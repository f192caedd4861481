"""`limner up`, as it is started by somebody who has nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from stage.author import Author
from stage.process import Process, running


@asynccontextmanager
async def upped(folder: Path) -> AsyncIterator[tuple[Process, Author]]:
    """`limner up` on a folder, and a client of it."""
    async with running("up", env=settings_of(folder)) as process:
        address = str((await process.said("Serving"))["address"])
        await process.said("Waiting for generations")
        async with aiohttp.ClientSession(address) as session:
            yield process, Author(session, address)


def settings_of(folder: Path) -> dict[str, str]:
    """Of an `up` whose built-in provider takes long enough to be interrupted."""
    return {"LIMNER_DATA_DIR": str(folder), "LIMNER_PORT": "0", "LIMNER_AVATAR_SECONDS": "2"}
