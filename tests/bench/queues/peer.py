"""The queues beside ours: each a worker and a process that enqueues, in the peers' own Python."""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from redis.asyncio import Redis

from bench import machine, peers
from bench.queues.stamps import REDIS_URL, STAMPS
from bench.stage import Stage

READY_SECONDS = 20.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.002
"""Between two looks at what the jobs have written; it costs this process 1 % of a core."""
TESTS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Peer:
    """How one of them is started."""

    name: str
    module: str
    """Its jobs, and what enqueues them."""
    worker: tuple[str, ...]
    """The worker's command, after `python -m`."""
    python: Path = peers.PYTHON
    kind: str = "python"
    """What of `peers.fetch` it needs."""


@dataclass(frozen=True)
class Stamp:
    """A job that has run, by the clock of all processes in nanoseconds."""

    sent_ns: int
    began_ns: int


CELERY = ("celery", "--quiet", "-A", "bench.queues.celery_jobs", "worker", "--loglevel", "WARNING")
PEERS = {
    peer.name: peer
    for peer in (
        Peer("arq", "bench.queues.arq_jobs", ("arq", "bench.queues.arq_jobs.WorkerSettings")),
        Peer("arq, tuned", "bench.queues.arq_jobs", ("arq", "bench.queues.arq_jobs.TunedSettings")),
        Peer("Celery", "bench.queues.celery_jobs", CELERY, peers.CELERY_PYTHON, "celery"),
        Peer(
            "Celery, one process",
            "bench.queues.celery_jobs",
            (*CELERY, "--concurrency", "1"),
            peers.CELERY_PYTHON,
            "celery",
        ),
        Peer("SAQ", "bench.queues.saq_jobs", ("saq", "--quiet", "bench.queues.saq_jobs.settings")),
    )
}


class Bench:
    """One peer on an empty Redis database of its own.

    Args:
        stage: whose Valkey it works with.
        peer: which one.
    """

    def __init__(self, stage: Stage, peer: Peer) -> None:
        self.peer = peer
        self._url = stage.redis_url.replace("db=0", "db=1")
        self._stamps = stage.folder / "stamps"
        self._log = stage.folder / "peer.log"

    async def clear(self) -> None:
        """Nothing is in the queue, and nothing has run."""
        async with Redis.from_url(self._url) as redis:
            await redis.flushdb()
        self._stamps.write_bytes(b"")

    async def send(self, pauses_ms: Sequence[float]) -> None:
        """Enqueue a job after each of these pauses.

        Raises:
            RuntimeError: it could not.
        """
        sender = await self._start(self.peer.module)
        await sender.communicate(json.dumps(pauses_ms).encode())
        if sender.returncode:
            raise RuntimeError(f"{self.peer.name} did not enqueue: {self._last_words()}")

    async def ran(self, count: int, *, seconds: float) -> list[Stamp]:
        """Wait until so many jobs have run; they, in the order in which they began.

        Raises:
            RuntimeError: fewer have run by then.
        """
        lines = b""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    lines = self._stamps.read_bytes()
                    if lines.count(b"\n") >= count:
                        break
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise RuntimeError(
                f"{self.peer.name} ran {len(lines.splitlines())} of {count} jobs in {seconds:g} s:"
                f" {self._last_words()}"
            ) from None
        stamps = (Stamp(*map(int, line.split())) for line in lines.splitlines())
        return sorted(stamps, key=lambda stamp: stamp.began_ns)

    @asynccontextmanager
    async def working(self, *, core: int | None = None) -> AsyncIterator[int]:
        """Its worker, on one core if that is given; the process's id."""
        worker = await self._start(*self.peer.worker, core=core)
        try:
            yield worker.pid
        finally:
            with suppress(ProcessLookupError):
                worker.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await worker.wait()
            except TimeoutError:
                worker.kill()
                await worker.wait()

    async def _start(self, *words: str, core: int | None = None) -> asyncio.subprocess.Process:
        with self._log.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                self.peer.python,
                "-m",
                *words,
                stdin=PIPE if words == (self.peer.module,) else DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ
                | {
                    "PYTHONPATH": str(TESTS),
                    STAMPS: str(self._stamps),
                    REDIS_URL: self._url_for_peer(),
                },
                preexec_fn=None if core is None else machine.pinning(core),
            )

    def _url_for_peer(self) -> str:
        """Celery has an address of its own for a Unix socket."""
        if self.peer.module != "bench.queues.celery_jobs":
            return self._url
        return f"redis+socket://{urlsplit(self._url).path}?virtual_host=1"

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
