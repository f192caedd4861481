"""What the queue tells of itself."""

import asyncio
from dataclasses import dataclass

from arq.constants import health_check_key_suffix
from redis.exceptions import RedisError

from limner.jobs.queue import PATIENCE_SECONDS, QUEUE, connect


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue at this moment."""

    length: int
    """Jobs that wait or are being drawn."""
    is_watched: bool
    """Whether a worker has looked into it within the last 16 seconds."""


async def look_into_queue(url: str) -> QueueState | None:
    """The queue, or None when Redis does not tell."""
    redis = connect(url, timeout_seconds=PATIENCE_SECONDS)
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            length = await redis.zcard(QUEUE)
            is_watched = await redis.exists(QUEUE + health_check_key_suffix)
    except (RedisError, OSError, TimeoutError):
        return None
    finally:
        await redis.aclose(close_connection_pool=True)
    return QueueState(int(length), bool(is_watched))
