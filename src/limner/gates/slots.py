"""Slots: how many orders may be with a provider at a time, over all workers.

A slot is held by one process for one generation, and runs out by itself when its worker is killed:
what that one had ordered may still be in the provider's queue. While Redis is away nobody gets a
slot, and who has one keeps it.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

from limner import log
from limner.gates.shared import NOW, Shared

HOLD_SECONDS: Final = 30.0
"""After so long without a word from its worker a slot is free again."""
RENEW_SECONDS: Final = HOLD_SECONDS / 3
LOOK_SECONDS: Final = 0.25
"""How often is looked whether another worker has freed a slot."""

_log = log.get()

_HOLD: Final = (
    NOW
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local limit = tonumber(ARGV[2])
if limit > 0 and not redis.call('ZSCORE', KEYS[1], ARGV[1])
    and redis.call('ZCARD', KEYS[1]) >= limit then
    return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)
"""1 when the slot is the caller's now, or still. A limit of 0 renews one in any case."""

_FREE: Final = "return redis.call('ZREM', KEYS[1], ARGV[1])"


class Slots:
    """The slots of one provider, as this process sees them.

    Args:
        shared: where all workers' slots are.
        provider: whose they are.
        limit: how many there are.
    """

    def __init__(self, shared: Shared, provider: str, limit: int) -> None:
        self._shared = shared
        self._provider = provider
        self._limit = limit
        self._key = f"limner:slots:{provider}"
        self._process = uuid4().hex
        self._held: dict[str, int] = {}
        self._left: set[str] = set()
        self._waiting: deque[asyncio.Event] = deque()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def held(self, task_id: str, *, waits: bool = True) -> AsyncIterator[None]:
        """Hold a slot for a generation while the block runs; those who wait get theirs in order.

        Within the block it may be held once more without waiting.

        Args:
            task_id: the generation.
            waits: False for one whose order is out already: it counts, and has not to wait.
        """
        if task_id not in self._held:
            await (self._in_turn(task_id) if waits else self._hold(task_id, 0))
        self._held[task_id] = self._held.get(task_id, 0) + 1
        renewing = asyncio.create_task(self._renew(task_id), name=f"slot {task_id}")
        try:
            yield
        finally:
            renewing.cancel()
            try:
                await asyncio.wait([renewing])
            finally:
                await self._free(task_id)

    def leave(self, task_id: str) -> None:
        """Its order stays with the provider when it is held no more: let it run out by itself."""
        self._left.add(task_id)

    async def _in_turn(self, task_id: str) -> None:
        turn = asyncio.Event()
        self._waiting.append(turn)
        try:
            if self._waiting[0] is turn:
                turn.set()
            await turn.wait()
            await self._take(task_id)
        finally:
            self._waiting.remove(turn)
            if self._waiting:
                self._waiting[0].set()

    async def _take(self, task_id: str) -> None:
        has_waited = False
        while not await self._hold(task_id, self._limit):
            if not has_waited:
                _log.info(
                    "Waiting for a slot", provider=self._provider, task_id=task_id, of=self._limit
                )
                has_waited = True
            self._freed.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS * random.uniform(0.5, 1.5)):  # noqa: S311 - jitter
                    await self._freed.wait()
            except TimeoutError:
                pass

    async def _renew(self, task_id: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._hold(task_id, 0)

    async def _hold(self, task_id: str, limit: int) -> bool:
        return bool(
            await self._shared.run(
                _HOLD, self._key, self._name(task_id), limit, round(HOLD_SECONDS * 1000)
            )
        )

    async def _free(self, task_id: str) -> None:
        self._held[task_id] -= 1
        if self._held[task_id]:
            return
        del self._held[task_id]
        if task_id in self._left:
            self._left.discard(task_id)
            return
        await self._shared.run(_FREE, self._key, self._name(task_id))
        self._freed.set()

    def _name(self, task_id: str) -> str:
        """Whose it is: two workers may have been told of the same generation."""
        return f"{task_id}:{self._process}"
