"""What every contender is: a server on core 0 that is started, told of transitions, and stopped."""

import asyncio
import os
import socket
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench import machine
from bench.patience import within
from bench.stage import Stage
from limner.domain.transition import Transition

START_SECONDS = 15.0
STOP_SECONDS = 3.0
PLENTY = 10_000
SNAPSHOT = '"seq":'
"""What a stream has sent when it is open, where its snapshot comes from Postgres."""
HEAD = "\r\n\r\n"
"""The same, where no snapshot is possible."""


@dataclass(frozen=True)
class Served:
    """A contender while it runs."""

    pid: int
    port: int
    tell: Callable[[Transition], Awaitable[object]]
    """Tell it of a transition that has just been committed."""


@dataclass(frozen=True)
class Contender:
    """One who serves streams."""

    name: str
    serving: Callable[[Stage], AbstractAsyncContextManager[Served]]
    path: str
    """Of a plot's stream; `{plot_id}` stands for the plot."""
    needs: str = ""
    """Which kind of peers, as in `Peers.missing`; nothing for Limner itself."""
    bare_path: str = ""
    """The same without a snapshot, where there is such a thing."""
    until: str = SNAPSHOT
    most_streams: int = PLENTY
    why_no_more: str = ""

    def path_of(self, plot_id: str, *, bare: bool = False) -> str:
        """Where a plot's stream is."""
        return (self.bare_path if bare else self.path).format(plot_id=plot_id)


@asynccontextmanager
async def started(
    stage: Stage, command: Sequence[str | Path], port: int, env: Mapping[str, str] | None = None
) -> AsyncIterator[int]:
    """A peer's server that takes connections on this port; its pid. It ends with the block.

    Raises:
        RuntimeError: it did not start; with its last words.
    """
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
        cwd=stage.folder,
        env={**_environment(stage, port), **(env or {})},
        preexec_fn=machine.pinning(machine.SERVER_CORE),
    )
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read(), name="a peer's log")
    try:
        await _answering(port, process, reading)
        yield process.pid
    finally:
        await _end(process)
        await reading


async def _answering(
    port: int, process: asyncio.subprocess.Process, reading: "asyncio.Task[bytes]"
) -> None:
    async with within(START_SECONDS, f"a peer's server takes connections on port {port}"):
        while True:
            if process.returncode is not None:
                raise RuntimeError((await reading).decode(errors="replace")[-2000:])
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.transport.abort()
                return


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _environment(stage: Stage, port: int) -> dict[str, str]:
    folder = parse_qs(urlsplit(stage.database_url).query)["host"][0]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "BENCH_DATABASE_URL": stage.database_url,
        "BENCH_REDIS_URL": stage.redis_url,
        "BENCH_REDIS_SOCKET": urlsplit(stage.redis_url).path,
        "BENCH_PORT": str(port),
        "PGHOST": folder,
        "PGUSER": "limner",
        "PGDATABASE": "limner",
    }


def free_port() -> int:
    """A port that is free, and so is the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
