"""What is killed and paused: processes of Limner, Postgres, Valkey."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from limner.embedded import PostgresServer, ValkeyServer
from stage.process import Process, running

START_SECONDS = 60.0
"""How long a process may try to start: what it needs may be away meanwhile."""
AGAIN_SECONDS = 0.3
ANSWER_SECONDS = 10.0
WRONG_START = 2
"""The exit code of a process that finds its database away."""


@dataclass(eq=False)
class Victim:
    """Somebody to whom one thing at a time is done."""

    name: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)


@dataclass(eq=False)
class Member(Victim):
    """A process of Limner, which is started anew whenever it has ended."""

    words: tuple[str, ...]
    module: str
    ready: str
    """The log line that says that it is at work."""
    env: Mapping[str, str]
    lives: list[Process] = field(default_factory=list, init=False)
    mishaps: list[str] = field(default_factory=list, init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    async def start(self) -> None:
        """Start it, again and again while what it needs is away."""
        async with asyncio.timeout(START_SECONDS):
            while not await self._started():  # noqa: ASYNC110 - nobody tells when to try
                await asyncio.sleep(AGAIN_SECONDS)

    async def killed(self, hold_seconds: float) -> None:
        """SIGKILL, and a new life some seconds later."""
        self._expect_alive()
        with suppress(ProcessLookupError):
            self._process.send(signal.SIGKILL)
        await self._process.ended()
        await asyncio.sleep(hold_seconds)
        await self.start()

    async def stopped(self, hold_seconds: float) -> None:
        """SIGTERM, and a new life once it has gone: what a roll-out does."""
        self._expect_alive()
        code = await self._process.stop()
        if code != 0:
            self.mishaps.append(f"{self.name} ended with {code} when it was told to stop.")
        await asyncio.sleep(hold_seconds)
        await self.start()

    async def frozen(self, hold_seconds: float) -> None:
        """SIGSTOP, and SIGCONT some seconds later."""
        self._expect_alive()
        with _frozen([self._process.pid]):
            await asyncio.sleep(hold_seconds)

    async def aclose(self) -> None:
        """End it."""
        self._expect_alive()
        await self._stack.aclose()

    @property
    def _process(self) -> Process:
        return self.lives[-1]

    def _expect_alive(self) -> None:
        if self.lives and (code := self._process.inner.returncode) is not None:
            self.mishaps.append(f"{self.name} ended by itself, with {code}.")

    async def _started(self) -> bool:
        await self._stack.aclose()
        process = await self._stack.enter_async_context(
            running(*self.words, env=self.env, module=self.module)
        )
        self.lives.append(process)
        try:
            await process.said(self.ready)
        except AssertionError:  # it ended before it said so
            code = await process.ended()
            if code != WRONG_START:
                self.mishaps.append(f"{self.name} ended with {code} at its start.")
            return False
        return True


@dataclass(eq=False)
class Postgres(Victim):
    """The truth, which may be away but may not forget."""

    server: PostgresServer

    async def killed(self, hold_seconds: float) -> None:
        """SIGKILL, and crash recovery some seconds later."""
        await self.server.kill()
        await asyncio.sleep(hold_seconds)
        await self.server.start()

    async def frozen(self, hold_seconds: float) -> None:
        """SIGSTOP of all its processes: connections stay, and nobody answers."""
        pid = self.server.pid
        assert pid is not None
        with _frozen([pid]), _frozen(await asyncio.to_thread(_children, pid)):
            await asyncio.sleep(hold_seconds)

    async def cut(self, _hold_seconds: float) -> None:
        """All connections are terminated, in whatever they are."""
        connection = await asyncpg.connect(self.server.url, timeout=ANSWER_SECONDS)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'limner'",
                timeout=ANSWER_SECONDS,
            )
        finally:
            connection.terminate()


@dataclass(eq=False)
class Valkey(Victim):
    """The wire, which forgets everything when it dies."""

    server: ValkeyServer

    async def killed(self, hold_seconds: float) -> None:
        """SIGKILL, and an empty one some seconds later."""
        await self.server.kill()
        await asyncio.sleep(hold_seconds)
        await self.server.start()

    async def frozen(self, hold_seconds: float) -> None:
        """SIGSTOP: connections stay, and nobody answers."""
        pid = self.server.pid
        assert pid is not None
        with _frozen([pid]):
            await asyncio.sleep(hold_seconds)

    async def flushed(self, _hold_seconds: float) -> None:
        """FLUSHALL: the queue is gone."""
        async with Redis.from_url(self.server.url, socket_timeout=ANSWER_SECONDS) as redis:
            await redis.flushall()

    async def cut(self, _hold_seconds: float) -> None:
        """CLIENT KILL of every connection, those of subscribers included."""
        async with Redis.from_url(self.server.url, socket_timeout=ANSWER_SECONDS) as redis:
            await redis.client_kill_filter(_type="pubsub")
            await redis.client_kill_filter(_type="normal", skipme=True)


@contextmanager
def _frozen(pids: list[int]) -> Iterator[None]:
    try:
        _send(signal.SIGSTOP, pids)
        yield
    finally:
        _send(signal.SIGCONT, pids)


def _send(number: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(parent: int) -> list[int]:
    """Who was started by a process that is stopped, and so starts no more. Linux tells."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(stat.parent.name))
    return found
