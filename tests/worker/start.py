"""Ways to start a worker that the other tests do not need, and to give it work."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from stage.author import Author
from stage.process import Process, environment


async def drawn(author: Author, *characters: str, **request: object) -> list[dict[str, object]]:
    """Ask for all at once, and follow each to its end."""
    await asyncio.gather(*(author.draw(character_id, **request) for character_id in characters))
    return await asyncio.gather(*(author.finished(character_id) for character_id in characters))


@asynccontextmanager
async def hasty(env: dict[str, str], **settings: str) -> AsyncIterator[Process]:
    """A worker that gives nobody any time when it is told to stop."""
    command = [sys.executable, "-m", "limner.cli", "worker", "--child", "--grace-seconds", "0"]
    async with started(*command, env={**env, **settings}) as process:
        await process.said("Waiting for generations")
        yield process


@asynccontextmanager
async def started(*command: str, env: dict[str, str]) -> AsyncIterator[Process]:
    """Any command as a process whose log is read."""
    inner = await asyncio.create_subprocess_exec(
        *command, env=environment(env), stderr=asyncio.subprocess.PIPE
    )
    process = Process(inner)
    reading = asyncio.create_task(process.read(), name="log")
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            inner.kill()
        await inner.wait()
        await reading
