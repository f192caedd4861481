"""A real S3 server program, on a free port: moto's."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from stage.process import BOUND_SECONDS

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "AKIDOFTHETESTS",
    "AWS_SECRET_ACCESS_KEY": "never-to-be-told",
    "AWS_SESSION_TOKEN": "never-to-be-told-either",
}


@dataclass(frozen=True)
class Moto:
    """The running server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(self, method: str, path: str, body: str = "") -> None:
        """One request as nobody in particular."""
        async with aiohttp.request(method, self.url + path, data=body) as answer:
            answer.raise_for_status()


@asynccontextmanager
async def running_moto() -> AsyncIterator[Moto]:
    """Serve for as long as the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "moto.server",
        "--host=127.0.0.1",
        "--port=0",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    listening = asyncio.create_task(_port(process.stderr), name="first words of moto")
    reading: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            port = await listening
        reading = asyncio.create_task(process.stderr.read(), name="log of moto")
        yield Moto(port)
    finally:
        process.kill()
        await process.wait()
        await asyncio.gather(listening, *([reading] if reading else []), return_exceptions=True)


async def _port(words: asyncio.StreamReader) -> int:
    async for line in words:
        if match := re.search(rb"Running on http://127\.0\.0\.1:(\d+)", line):
            return int(match[1])
    raise AssertionError("moto ended before it began")
