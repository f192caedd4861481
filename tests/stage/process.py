"""Limner's own processes, started as an operator starts them, with their log read line by line."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

LINE_BYTES = 1024 * 1024
BOUND_SECONDS = 20.0
"""How long anything in the tests is waited for."""


@dataclass(eq=False)
class Process:
    """One running process of Limner."""

    inner: asyncio.subprocess.Process
    lines: list[dict[str, object]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _is_silent: bool = False

    @property
    def pid(self) -> int:
        return self.inner.pid

    async def said(
        self, event: str, *, since: datetime | None = None, **values: object
    ) -> dict[str, object]:
        """Wait for a log line of this time or later, with this event and these values."""

        def find() -> dict[str, object] | None:
            for line in self.lines:
                if event in str(line.get("event")) and values.items() <= line.items():
                    at = str(line.get("timestamp"))
                    if since is None or datetime.fromisoformat(at) >= since:
                        return line
            return None

        async with asyncio.timeout(BOUND_SECONDS), self._news:
            while (line := find()) is None:
                assert not self._is_silent, "\n".join(self.raw)
                await self._news.wait()
            return line

    def send(self, number: signal.Signals) -> None:
        self.inner.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; its exit code."""
        async with asyncio.timeout(BOUND_SECONDS):
            return await self.inner.wait()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        with suppress(ProcessLookupError):
            self.inner.terminate()
        return await self.ended()

    async def read(self) -> None:
        """Take its log lines as they come, until it ends."""
        assert self.inner.stderr is not None
        async for raw in self.inner.stderr:
            text = raw.decode(errors="replace").rstrip()
            async with self._news:
                self.raw.append(text)
                with suppress(ValueError):
                    line = json.loads(text)
                    if isinstance(line, dict):
                        self.lines.append(line)
                self._news.notify_all()
        async with self._news:
            self._is_silent = True
            self._news.notify_all()


@asynccontextmanager
async def running(
    *words: str, env: Mapping[str, str], module: str = "limner.cli"
) -> AsyncIterator[Process]:
    """`limner WORDS` with these settings; stopped at the end of the block if it still runs."""
    inner = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *words,
        env=environment(env),
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    process = Process(inner)
    reading = asyncio.create_task(process.read(), name=f"log of {words[0]}")
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            inner.terminate()
        try:
            async with asyncio.timeout(12):
                await inner.wait()
        except TimeoutError:
            inner.kill()
            await inner.wait()
        await reading


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any setting of Limner's but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")}
    return {**kept, "LIMNER_LOG_FORMAT": "json", **settings}
