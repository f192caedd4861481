"""An API and a worker for all tests of a file, which differ by the stories they make."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from limner.embedded import PostgresServer
from stage.author import Author, session_of
from stage.process import Process, running

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Studio:
    """What the tests of a file share."""

    author: Author
    painter: Process
    """The worker, to be halted while it draws."""
    folder: Path
    """Where images are kept, in a folder of that name."""


@asynccontextmanager
async def halting(painter: Process, name: str = "Dursley") -> AsyncIterator[None]:
    """Halt the worker as soon as it draws this character, from here on, until the block ends.

    So a drawing is seen for as long as a test looks at it. It goes on by itself only for the moment
    in which the worker's line is read here.
    """
    entered = datetime.now(UTC)

    async def halt() -> None:
        begun = await painter.said(f"Starting generation for {name}", since=entered)
        await painter.said("Generating image", since=entered, task_id=begun["task_id"])
        painter.send(signal.SIGSTOP)

    halted = asyncio.create_task(halt())
    try:
        yield
        await halted
    finally:
        halted.cancel()
        try:
            await asyncio.gather(halted, return_exceptions=True)
        finally:
            painter.send(signal.SIGCONT)


@asynccontextmanager
async def opened(
    postgres: PostgresServer, template: str, redis_url: str, folder: Path, settings: dict[str, str]
) -> AsyncIterator[Studio]:
    """A client of both, on a database of their own.

    Only one may be open at a time: the workers of two would take each other's jobs.
    """
    name = f"studio_{next(_numbers)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    env = {
        "LIMNER_DATABASE_URL": postgres.url.replace("/limner?", f"/{name}?"),
        "LIMNER_REDIS_URL": redis_url,
        "LIMNER_DATA_DIR": str(folder),
        "LIMNER_PORT": "0",
        **settings,
    }
    try:
        async with (
            running("api", "--child", env=env) as api,
            running("worker", "--child", env=env) as worker,
        ):
            address = str((await api.said("Serving"))["address"])
            await worker.said("Waiting for generations")
            async with session_of(address) as session:
                yield Studio(Author(session, address), worker, folder)
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()
