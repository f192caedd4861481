"""Asking Redis for what all workers share. Its clock is the one that counts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from limner import log

PATIENCE_SECONDS: Final = 1.0
"""Nobody waits longer than this for Redis."""

NOW: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
"""How a script begins that needs the time, in milliseconds."""

_log = log.get()


class Shared:
    """Runs scripts in Redis, each as one step.

    Args:
        client: a Redis client; each use of it is bounded here.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._scripts: dict[str, AsyncScript] = {}

    async def run(self, script: str, key: str, *values: str | int) -> int | None:
        """The number that a script answers for a key; None when Redis does not answer."""
        answer = await self._answer(script, key, values)
        return None if answer is None else int(answer)

    async def ask(self, script: str, key: str, *values: str | int) -> list[int] | None:
        """The numbers that a script answers for a key; None when Redis does not answer."""
        answer = await self._answer(script, key, values)
        return None if answer is None else [int(number) for number in answer]

    async def _answer(self, script: str, key: str, values: Sequence[str | int]) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self._client.register_script(script)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._scripts[script](keys=[key], args=list(values))
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("Redis did not answer", key=key, why=f"{type(error).__name__}: {error}")
            return None


@asynccontextmanager
async def open_shared(url: str) -> AsyncIterator[Shared]:
    """What is shared, for as long as the block runs. Redis need not be there yet."""
    # no socket_timeout: redis-py would use asyncio.wait_for, which loses cancellations
    client = Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS)
    try:
        yield Shared(client)
    finally:
        await client.aclose()
