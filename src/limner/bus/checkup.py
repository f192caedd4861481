"""Whether Redis will do: version, messages, memory; and how many workers listen."""

import asyncio
import os
from typing import Any, Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from limner.bus.channels import PROBE_PREFIX, WAKE
from limner.bus.publish import PATIENCE_SECONDS
from limner.domain.address import address_of
from limner.domain.finding import Finding, ok, warning, wrong

PART: Final = "Redis"
ADVICE: Final = "Start Redis or Valkey, or set LIMNER_REDIS_URL to where it is."
ADMISSION: Final = (
    "Set LIMNER_REDIS_URL to a user and password that may use all keys and channels of Limner."
)
OLDEST: Final = (6, 2)
FULL: Final = 0.9
"""From this part of its memory on it is about to refuse."""


async def check_redis(url: str) -> list[Finding]:
    """What is wrong with Redis, or that all is well."""
    where = address_of(url) or "LIMNER_REDIS_URL"
    try:
        async with Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS) as client:
            server: dict[str, Any] = await client.info()
            carried = await _carries(client)
    except (RedisError, OSError, TimeoutError) as error:
        return [_refusal(error, where)]
    found = [*_about_version(server), *_about_role(server), *_about_memory(server)]
    if not carried:
        words = "It took a message and did not carry it to who listened."
        found.append(wrong(PART, words, "Use a Redis with pub/sub, and no proxy before it."))
    return found or [ok(PART, f"{_name(server)} at {where} carries messages and forgets nothing.")]


async def listening(url: str) -> int | None:
    """How many worker processes listen; None when Redis does not tell.

    They are woken by that, once, which does them no harm. Whoever watches all channels by hand is
    counted as well.
    """
    try:
        async with (
            asyncio.timeout(2 * PATIENCE_SECONDS),
            Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS) as client,
        ):
            return int(await client.publish(WAKE, b""))
    except (RedisError, OSError, TimeoutError):
        return None


async def _carries(client: "Redis") -> bool:
    """Whether a message to ourselves arrives."""
    channel = PROBE_PREFIX + uuid4().hex
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(channel)
        try:
            async with asyncio.timeout(2 * PATIENCE_SECONDS):
                while (message := await pubsub.get_message(timeout=None)) is not None:
                    if message["type"] == "subscribe":
                        await client.publish(channel, b"?")
                    elif message["data"] == b"?":
                        return True
        except TimeoutError:
            return False
    return False


def _about_version(server: dict[str, Any]) -> list[Finding]:
    version = tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])
    if version >= OLDEST:
        return []
    words = f"This is {_name(server)}, and Limner needs Redis 6.2 or newer."
    return [wrong(PART, words, "Use a newer one, or Valkey: nothing in it must be kept.")]


def _about_role(server: dict[str, Any]) -> list[Finding]:
    if server.get("role") != "slave":
        return []
    return [wrong(PART, "It is a replica, which takes no writes.", "Name the primary instead.")]


def _about_memory(server: dict[str, Any]) -> list[Finding]:
    limit, policy = int(server.get("maxmemory", 0)), server.get("maxmemory_policy", "noeviction")
    if not limit:
        return []
    if policy != "noeviction":
        words = f"When its memory is full it forgets what it holds, jobs too ({policy})."
        return [warning(PART, words, "Set maxmemory-policy to noeviction.")]
    if (used := int(server["used_memory"]) / limit) >= FULL:
        words = f"{used:.0%} of its memory is used; what comes when it is full is refused."
        return [warning(PART, words, "Raise maxmemory.")]
    return []


def _name(server: dict[str, Any]) -> str:
    if "valkey_version" in server:
        return f"Valkey {server['valkey_version']}"
    return f"Redis {server['redis_version']}"


def _refusal(error: BaseException, where: str) -> Finding:
    cause = error.__cause__ or error.__context__ or error  # the driver wraps what the server says
    if isinstance(cause, (AuthenticationError, NoPermissionError)):
        return wrong(PART, f"No way in at {where}: {_line(cause)}.", ADMISSION)
    if isinstance(cause, ResponseError | BusyLoadingError):  # or there is no such database
        return wrong(PART, f"It refuses us at {where}: {_line(cause)}.", "See what it says.")
    why = type(cause).__name__
    if isinstance(cause, OSError) and cause.errno:
        # the driver's own words may hold a piece of the URL; a name that is not found has a
        # negative number, of another table
        why = os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
    return wrong(PART, f"No way in at {where}: {why}.", ADVICE)


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(".")
