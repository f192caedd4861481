"""Taking jobs out of the queue, as arq's workers do it, so that both kinds can stand at one queue.

arq reads the ids of all jobs that wait, asks three times for each whether it is being run, those
included that are, marks it, and asks for its body. Here all of that is one script, for as many jobs
as there are hands; leaving one is another.
"""

from dataclasses import dataclass
from typing import Final

from arq import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from arq.utils import timestamp_ms

from limner.jobs.queue import QUEUE

_TAKE: Final = """
local taken, most, limit = {}, 2 * tonumber(ARGV[2]), tonumber(ARGV[3])
for start = 0, limit - 1, 100 do
    local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', start, 100)
    for _, id in ipairs(ids) do
        if redis.call('SET', ARGV[5] .. id, '1', 'NX', 'PX', ARGV[4]) then
            table.insert(taken, id)
            table.insert(taken, redis.call('GET', ARGV[6] .. id))
            if #taken == most then return taken end
        end
    end
    if #ids < 100 then return taken end
end
return taken
"""
"""Marks jobs that are due, and that nobody runs, as run by the caller: their ids and bodies."""

_LEAVE: Final = """
redis.call('DEL', ARGV[3] .. ARGV[1])
if ARGV[2] == '1' then
    redis.call('DEL', ARGV[4] .. ARGV[1], ARGV[5] .. ARGV[1])
    redis.call('ZREM', KEYS[1], ARGV[1])
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is marked as run by who has taken it."""

    id: str
    body: bytes | None
    """None: it has outlived its body, which Redis keeps for a week."""


class Taker:
    """Takes jobs, and says when they have left.

    Args:
        redis: arq's client, made by `connect`.
        mark_seconds: how long a job counts as run if nobody says that it has left.
        read_limit: how many jobs that run elsewhere are passed over, at the most.
    """

    def __init__(self, redis: ArqRedis, *, mark_seconds: float, read_limit: int) -> None:
        self._take = redis.register_script(_TAKE)
        self._leave = redis.register_script(_LEAVE)
        self._mark_ms = round(1000 * mark_seconds)
        self._read_limit = read_limit

    async def take(self, most: int) -> list[Job]:
        """Jobs that are due, the oldest first; fewer than `most` when there are no more.

        Raises:
            RedisError, OSError: Redis did not answer; what it has marked counts as run.
        """
        answer = await self._take(
            keys=[QUEUE],
            args=[
                timestamp_ms(),
                most,
                self._read_limit,
                self._mark_ms,
                in_progress_key_prefix,
                job_key_prefix,
            ],
        )
        return [
            Job(job_id.decode(errors="replace"), body)
            for job_id, body in zip(answer[::2], answer[1::2], strict=True)
        ]

    async def leave(self, job: Job, *, is_done: bool) -> None:
        """A job is not run any more. One that is not done can be taken again.

        Raises:
            RedisError, OSError: Redis did not answer.
        """
        await self._leave(
            keys=[QUEUE],
            args=[
                job.id,
                int(is_done),
                in_progress_key_prefix,
                job_key_prefix,
                retry_key_prefix,
            ],
        )
