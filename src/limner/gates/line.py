"""Who stands in a worker's line for a slot, and is pending meanwhile.

The queue has given these to a worker already, which would look like a worker that died with them:
whoever recovers asks here before handing them over again. Who does not say so any more does not
stand here any more.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from limner.gates.shared import NOW, Shared

STAND_SECONDS: Final = 10.0
"""After so long without a word from its worker nobody stands here."""
SAY_SECONDS: Final = STAND_SECONDS / 4

_KEY: Final = "limner:line"

_STAND: Final = (
    NOW
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
"""
)

_LEAVE: Final = "return redis.call('ZREM', KEYS[1], ARGV[1])"

_STANDING: Final = (
    NOW
    + """
local standing = {}
for place, name in ipairs(ARGV) do
    standing[place] = tonumber(redis.call('ZSCORE', KEYS[1], name) or 0) > now and 1 or 0
end
return standing
"""
)


class Line:
    """The line of all workers.

    Args:
        shared: where it is.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    @asynccontextmanager
    async def standing(self, task_id: str) -> AsyncIterator[None]:
        """Stand in the line with a generation while the block runs."""
        saying = asyncio.create_task(self._say(task_id), name=f"line {task_id}")
        try:
            yield
        finally:
            saying.cancel()
            try:
                await asyncio.wait([saying])
            finally:
                await self._shared.run(_LEAVE, _KEY, task_id)

    async def stands(self, task_ids: Sequence[str]) -> list[bool] | None:
        """Of each generation, whether it stands in the line; None when Redis does not answer."""
        found = await self._shared.ask(_STANDING, _KEY, *task_ids)
        return None if found is None else [bool(one) for one in found]

    async def _say(self, task_id: str) -> None:
        while True:
            await self._shared.run(_STAND, _KEY, task_id, round(STAND_SECONDS * 1000))
            await asyncio.sleep(SAY_SECONDS)
