"""Handing generations to the queue.

A job is written as arq's `enqueue_job` writes it, in one step in place of three: that one looks
first whether the job id is taken, and answers None both then and when the connection broke in the
middle. Here every dispatch has a job id of its own, so that writing it twice does no harm, and a
generation that the queue has forgotten is found by its row in Postgres.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from arq import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from limner import log

QUEUE: Final = "limner:queue"
FUNCTION: Final = "generate_character_image"
EXPIRES: Final = timedelta(days=7)
PATIENCE_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 30.0
"""No generation is put off for longer."""

_KNOWN: Final = """
local known = {}
for place = 4, #ARGV do
    local id = ARGV[place]
    local due = tonumber(redis.call('ZSCORE', KEYS[1], id) or nil)
    local waits = due and due <= tonumber(ARGV[1])
        and redis.call('EXISTS', ARGV[2] .. id) == 1 and redis.call('EXISTS', ARGV[3] .. id) == 0
    known[place - 3] = waits and 1 or 0
end
return known
"""
"""Of each job, whether it waits: 1 or 0."""

_log = log.get()


class Queue:
    """Hands generations to the workers.

    Args:
        redis: arq's client, made by `connect`.
        wake: the channel on which the workers are told to look; None: they find it by themselves.
    """

    def __init__(self, redis: ArqRedis, wake: str | None = None) -> None:
        self._redis = redis
        self._known = redis.register_script(_KNOWN)
        self._wake = wake

    async def put(self, task_id: str, dispatch: int, *, delay_seconds: float = 0) -> bool:
        """Hand a generation over, at best effort.

        Args:
            task_id: the generation.
            dispatch: how often it has been handed over, this time included.
            delay_seconds: how long the workers shall leave it alone; at most 30.

        Returns:
            False when the queue did not take it, as far as can be known.
        """
        now_ms = timestamp_ms()
        delay_ms = round(1000 * min(delay_seconds, LONGEST_DELAY_SECONDS))
        job_id = f"{task_id}:{dispatch}"
        job = serialize_job(FUNCTION, (task_id,), {}, None, now_ms, serializer=serialize)
        # no transaction: a user of Redis who may not publish can still hand over
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(job_key_prefix + job_id, job, px=EXPIRES)
        pipeline.zadd(QUEUE, {job_id: now_ms + delay_ms})
        if self._wake is not None and not delay_ms:
            pipeline.publish(self._wake, b"")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answers = await pipeline.execute(raise_on_error=False)
            refusals = [answer for answer in answers if isinstance(answer, RedisError)]
            if refusals:
                raise refusals[0]
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning(
                "The queue did not take a generation, or nobody was told; it waits in Postgres",
                task_id=task_id,
                dispatch=dispatch,
                why=str(error) or type(error).__name__,
            )
            return False
        return True

    async def known(self, dispatches: list[tuple[str, int]]) -> list[bool] | None:
        """Which of these (generation, dispatch) still wait in the queue; None when it is silent.

        A job waits while arq has both its body and its place, and nobody has marked it as begun. A
        mark is not believed: a worker that died after setting it leaves it for minutes. Nor is a
        place further ahead than any delay: it is by the clock of whoever put it there, and if that
        is fast, or ours slow, this worker would not see the job for as long as they differ.
        """
        furthest_ms = timestamp_ms() + 1000 * LONGEST_DELAY_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answers = await self._known(
                    keys=[QUEUE],
                    args=[
                        furthest_ms,
                        job_key_prefix,
                        in_progress_key_prefix,
                        *(f"{task_id}:{dispatch}" for task_id, dispatch in dispatches),
                    ],
                )
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("The queue does not answer", why=str(error) or type(error).__name__)
            return None
        return [bool(answer) for answer in answers]


def connect(url: str, *, timeout_seconds: float, connections: int = 50) -> ArqRedis:
    """A client of arq's queue that never waits for a silent Redis for longer than it was told.

    Jobs travel as JSON: with arq's default, pickle, whoever writes to Redis runs code in a worker.
    """
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        max_connections=connections,
    )
    pool.connection_class = _timely(pool.connection_class)
    return ArqRedis(
        pool_or_conn=pool,
        job_serializer=serialize,
        job_deserializer=deserialize,
        default_queue_name=QUEUE,
    )


def _timely(connection: type[AbstractConnection]) -> type[AbstractConnection]:
    """A connection that keeps its time without losing a cancellation.

    redis-py bounds sending by asyncio.wait_for, which before Python 3.12 swallows a cancellation
    that arrives together with the answer: a worker told to stop would then go on.
    """

    class Timely(connection):  # type: ignore[valid-type,misc] # a class for each kind of socket
        async def send_packed_command(self, command: object, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's signature
            seconds: float | None = self.socket_timeout
            self.socket_timeout: float | None = None
            try:
                async with asyncio.timeout(seconds):
                    await super().send_packed_command(command, check_health)
            finally:
                self.socket_timeout = seconds

    return Timely


def serialize(job: dict[str, object]) -> bytes:
    """A job on its way into Redis."""
    return json.dumps(job, separators=(",", ":"), default=str).encode()


def deserialize(job: bytes) -> dict[str, object]:
    """A job out of Redis.

    Raises:
        ValueError: it is not a JSON object.
    """
    value = json.loads(job)
    if not isinstance(value, dict):
        raise ValueError("a job is a JSON object")  # noqa: TRY004 - the content is wrong
    return value


@asynccontextmanager
async def open_queue(url: str, wake: str | None = None) -> AsyncIterator[Queue]:
    """A queue that is open for as long as the block runs. Redis need not be there yet.

    Args:
        url: where Redis is.
        wake: see `Queue`.
    """
    redis = connect(url, timeout_seconds=PATIENCE_SECONDS)
    try:
        yield Queue(redis, wake)
    finally:
        await redis.aclose(close_connection_pool=True)
