"""Circuit breakers: a provider that keeps failing is left alone for a while, by all workers.

After five failures in a row within a minute nobody asks it for half a minute; then one may try, and
what becomes of that decides. While Redis is away nobody is left alone.
"""

from typing import Final

from limner import log
from limner.gates.shared import NOW, Shared

FAILURES: Final = 5
WITHIN_SECONDS: Final = 60.0
ALONE_SECONDS: Final = 30.0
"""How long it is left alone, and then how long one that tries has before another may."""
_FORGET_SECONDS: Final = 24 * 60 * 60.0

_log = log.get()

_WAIT: Final = (
    NOW
    + """
local alone_until = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
if alone_until == 0 then return 0 end
if now < alone_until then return alone_until - now end
redis.call('HSET', KEYS[1], 'until', now + ARGV[1])
return 0
"""
)
"""Milliseconds for which the caller should leave it alone. Who may try is the only one for now."""

_IS_ALONE: Final = (
    NOW
    + """
local alone_until = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
return now < alone_until and 1 or 0
"""
)
"""1 while it is left alone. Asking changes nothing."""

_FAILED: Final = (
    NOW
    + """
local times = redis.call('HGET', KEYS[1], 'times')
times = times and cjson.decode(times) or {}
table.insert(times, now)
if #times > tonumber(ARGV[1]) then table.remove(times, 1) end
redis.call('HSET', KEYS[1], 'times', cjson.encode(times))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local is_open = redis.call('HEXISTS', KEYS[1], 'until') == 1
if is_open or (#times == tonumber(ARGV[1]) and now - times[1] <= tonumber(ARGV[2])) then
    redis.call('HSET', KEYS[1], 'until', now + ARGV[3])
    return is_open and 0 or 1
end
return 0
"""
)
"""1 when this failure is the one that makes everybody leave it alone."""

_ANSWERED: Final = """
local was_open = redis.call('HEXISTS', KEYS[1], 'until')
redis.call('DEL', KEYS[1])
return was_open
"""


class Breakers:
    """Says which providers to leave alone.

    Args:
        shared: where all workers write down how providers do.
        alone_seconds: how long one that keeps failing is left alone.
    """

    def __init__(self, shared: Shared, *, alone_seconds: float = ALONE_SECONDS) -> None:
        self._shared = shared
        self._alone_ms = _ms(alone_seconds)

    async def wait_seconds(self, provider: str) -> float:
        """How long to leave a provider alone; 0: it may be asked, at once and by the caller."""
        wait_ms = await self._shared.run(_WAIT, _key(provider), self._alone_ms)
        return (wait_ms or 0) / 1000

    async def is_alone(self, provider: str) -> bool:
        """Whether a provider is left alone at the moment; who asks this will not try it."""
        return bool(await self._shared.run(_IS_ALONE, _key(provider)))

    async def failed(self, provider: str) -> None:
        """It did not do its work, and not because of what it was asked to draw."""
        opened = await self._shared.run(
            _FAILED,
            _key(provider),
            FAILURES,
            _ms(WITHIN_SECONDS),
            self._alone_ms,
            _ms(_FORGET_SECONDS),
        )
        if opened:
            _log.warning(
                "A provider keeps failing and is left alone",
                provider=provider,
                seconds=self._alone_ms / 1000,
            )

    async def answered(self, provider: str) -> None:
        """It did its work, or said that it will not do this one."""
        if await self._shared.run(_ANSWERED, _key(provider)):
            _log.info("A provider that was left alone works again", provider=provider)


def _key(provider: str) -> str:
    return f"limner:breaker:{provider}"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
