"""Our end of the load client: it is told what to open and what to wait for, and tells what came."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine
from bench.patience import within

TESTS = Path(__file__).parents[1]
LINE_BYTES = 256 * 2**20
AT_ONCE = 64
"""How many streams are being opened at a time."""
OPEN_SECONDS = 60.0
ANSWER_SECONDS = 60.0
FIRST_ANSWER_SECONDS = 30.0
POLLERS = "bench.pollers"


class LostError(Exception):
    """Something that should have come to a reader did not, or its stream ended."""


@dataclass(frozen=True)
class Opening:
    """How streams were opened."""

    seconds: float
    """From the first call until the last had what was waited for."""
    waited_ms: list[float]
    """The same for each stream."""
    cpu_share: float
    """Of the load client."""


@dataclass(frozen=True)
class Arrival:
    """One event at one reader."""

    index: int
    """The reader, in the order of opening, from 0."""
    seq: int
    at_ns: int
    """By the monotonic clock."""


@dataclass(frozen=True)
class Effort:
    """What the load client itself took until all had come."""

    cpu_share: float
    cpu_seconds: float


class Audience:
    """A process of readers (or of pollers), on the core that the server does not have."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._reaching: asyncio.Task[dict[str, Any]] | None = None

    async def open(
        self,
        port: int,
        paths: Sequence[str],
        *,
        until: str,
        headers: str = "Accept: text/event-stream\r\n",
    ) -> Opening:
        """Open a stream for each path, until each has sent these characters.

        Raises:
            LostError: a stream was not opened.
        """
        asked = {"port": port, "paths": list(paths), "until": until, "headers": headers}
        said = await self.ask("open", **asked, at_once=AT_ONCE, seconds=OPEN_SECONDS)
        return Opening(said["seconds"], said["waited_ms"], said["cpu_share"])

    async def poll(self, port: int, paths: Sequence[str], *, wait_seconds: int = 0) -> None:
        """Poll each path: each second, or, where the server may hold the answer, without a pause.

        Raises:
            LostError: somebody was not answered.
        """
        seconds = FIRST_ANSWER_SECONDS
        await self.ask(
            "poll", port=port, paths=list(paths), wait_seconds=wait_seconds, seconds=seconds
        )

    async def refusals(self) -> int:
        """How often pollers were told to come again, since the last time."""
        return int((await self.ask("refusals"))["refused"])

    async def expect(self, count: int, *, seconds: float) -> "asyncio.Task[Effort]":
        """Count from now on; the task ends when so many events have come, or time is up."""
        await self.ask("reach", count=count, seconds=seconds)
        return asyncio.create_task(self._reached(seconds), name="events")

    async def collect(self) -> list[Arrival]:
        """All events since the last time.

        Raises:
            LostError: a stream has ended meanwhile.
        """
        said = await self.ask("collect")
        return [Arrival(*one) for one in said["arrivals"]]

    async def close(self) -> None:
        """Cut all connections."""
        await self.ask("close")

    async def ask(self, order: str, **words: Any) -> dict[str, Any]:
        """One order and its answer.

        Raises:
            LostError: the answer names faults.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **words}).encode() + b"\n")
        await self._process.stdin.drain()
        said = await self._answer(words.get("seconds", 0.0) + ANSWER_SECONDS, order)
        if faults := said.get("faults"):
            raise LostError(f"{len(faults)} faults, the first: {faults[0]}")
        return said

    async def _reached(self, seconds: float) -> Effort:
        said = await self._answer(seconds + ANSWER_SECONDS, "reached")
        return Effort(said["cpu_share"], said["cpu_seconds"])

    async def _answer(self, seconds: float, order: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with within(seconds, f"the load client's answer to `{order}`"):
            line = await self._process.stdout.readline()
        if not line:
            raise LostError("the load client has ended")
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def audience(module: str = "bench.readers") -> AsyncIterator[Audience]:
    """A load client while the block runs; this process, which publishes, stays on its core."""
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        limit=LINE_BYTES,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": path},
        preexec_fn=machine.pinning(machine.OTHERS_CORE),
    )
    try:
        with machine.staying(machine.OTHERS_CORE):
            yield Audience(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
