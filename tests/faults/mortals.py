"""Servers and processes of Limner that live through one death after another."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from faults.hold import GO, HOLD_FILE
from limner.embedded import PostgresServer, ValkeyServer
from limner.store.migrate import migrate
from stage.author import Author, session_of
from stage.process import Process, running

TESTS = Path(__file__).parents[1]
READY = {"api": "Serving", "worker": "Waiting for generations"}


@dataclass(eq=False)
class Mortal:
    """An API or a worker that is held at a step, killed, and followed by another."""

    kind: str
    env: dict[str, str]
    order: Path
    """The file that names the step where it is held."""
    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _process: Process | None = None
    _author: Author | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    @property
    def author(self) -> Author:
        """A client of this API."""
        assert self._author is not None
        return self._author

    async def start(self) -> None:
        self._process = await self._stack.enter_async_context(
            running(self.kind, env=self.env, module="faults.held")
        )
        ready = await self.process.said(READY[self.kind])
        if self.kind == "api":
            address = str(ready["address"])
            session = await self._stack.enter_async_context(session_of(address))
            self._author = Author(session, address)
        self.is_up.set()

    async def stop(self) -> None:
        self.is_up.clear()
        await self._stack.aclose()

    async def kill(self) -> None:
        """End it as a crash would; it is not followed by another yet."""
        self.is_up.clear()
        self.process.send(signal.SIGKILL)
        assert await self.process.ended() == -signal.SIGKILL

    async def follow(self) -> None:
        """Start another in its place."""
        await self._stack.aclose()
        await self.start()

    def hold(self, step: str) -> None:
        """Order it to halt at a step, the next time that it comes there."""
        self.process.lines.clear()
        self.order.write_text(step)

    async def held(self, step: str) -> None:
        """Wait until it halts there."""
        await self.process.said("Held", step=step)

    def go(self) -> None:
        self.process.send(GO)

    async def whole(self) -> None:
        """Whatever the test before has left: alive, and ordered nothing."""
        self.order.unlink(missing_ok=True)
        if self.process.inner.returncode is not None:
            await self.follow()


@dataclass(eq=False)
class Mortals:
    """All that a generation depends on."""

    postgres: PostgresServer
    valkey: ValkeyServer
    near: Mortal
    """The API that the author asks and may lose."""
    far: Mortal
    """Another API, which nobody kills."""
    worker: Mortal
    images: Path
    """Where the images are."""

    async def postgres_dies(self) -> None:
        """SIGKILL to each of its processes at once, and crash recovery."""
        postmaster = self.postgres.pid
        assert postmaster is not None
        connection = await asyncpg.connect(self.postgres.url)
        rows = await connection.fetch("SELECT pid FROM pg_stat_activity")
        os.kill(postmaster, signal.SIGSTOP)  # so that no pid is free for another meanwhile
        for row in rows:
            os.kill(row["pid"], signal.SIGKILL)
        connection.terminate()
        await self.postgres.kill()
        await self.postgres.start()

    async def valkey_dies(self) -> None:
        """SIGKILL, and another that knows nothing."""
        await self.valkey.kill()
        await self.valkey.start()

    async def worker_dies(self) -> None:
        """SIGKILL, and another worker."""
        await self.worker.kill()
        await self.worker.follow()

    async def near_dies(self) -> None:
        """SIGKILL, and another API."""
        await self.near.kill()
        await self.near.follow()

    async def whole(self) -> None:
        """Everything is there for the next test, and no image: each has to be written."""
        await asyncio.to_thread(shutil.rmtree, self.images, ignore_errors=True)
        for server in (self.postgres, self.valkey):
            if server.pid is None:
                await server.start()
        await asyncio.gather(self.near.whole(), self.far.whole(), self.worker.whole())


@asynccontextmanager
async def mortals(folder: Path, **settings: str) -> AsyncIterator[Mortals]:
    """Servers of their own, two APIs and a worker."""
    async with AsyncExitStack() as stack:
        postgres = PostgresServer(folder / "postgres", {"fsync": "off"})
        valkey = ValkeyServer(folder / "valkey", {"appendonly": "no"})
        for server in (postgres, valkey):
            await stack.enter_async_context(server)
        await migrate(postgres.url)
        env = {
            "LIMNER_DATABASE_URL": postgres.url,
            "LIMNER_REDIS_URL": valkey.url,
            "LIMNER_DATA_DIR": str(folder / "data"),
            "LIMNER_PORT": "0",
            "LIMNER_PROVIDER": "blank",
            "LIMNER_HEARTBEAT_SECONDS": "0.3",
            "PYTHONPATH": str(TESTS),
            **settings,
        }

        def mortal(kind: str, name: str) -> Mortal:
            order = folder / f"{name}.hold"
            return Mortal(kind, {**env, HOLD_FILE: str(order)}, order)

        near, far, worker = mortal("api", "near"), mortal("api", "far"), mortal("worker", "worker")
        for each in (near, far, worker):
            stack.push_async_callback(each.stop)
        await asyncio.gather(near.start(), far.start(), worker.start())
        yield Mortals(postgres, valkey, near, far, worker, folder / "data" / "images")
