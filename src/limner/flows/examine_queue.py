"""Whether somebody works off the queue."""

import asyncio
from typing import Final

from limner.bus.checkup import listening
from limner.domain.finding import Finding, ok, warning
from limner.jobs.checkup import look_into_queue

PART: Final = "workers"
ADVICE: Final = "See what is said of Redis."


async def check_queue(url: str) -> list[Finding]:
    """Who works, and how much there is to do; nothing when Redis does not tell.

    A worker is one that listens and has looked into the queue lately: one that is frozen does only
    the one, one that was killed has done only the other.
    """
    workers, queue = await asyncio.gather(listening(url), look_into_queue(url))
    if workers is None or queue is None:
        return []
    todo = f"{queue.length} in the queue" if queue.length else "nothing in the queue"
    if workers and queue.is_watched:
        return [ok(PART, f"{workers} at work, {todo}.")]
    if workers:
        words = f"{workers} there, but none has looked into the queue lately; {todo}."
        return [warning(PART, words, "See the logs of `limner worker`; start it again.")]
    return [warning(PART, f"None is at work, {todo}.", "Start `limner worker` or `limner up`.")]
