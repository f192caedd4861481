"""A sweep of recovery in this process, and something for it to find."""

from uuid import uuid4

from limner.flows.recover import Recover
from limner.gates.line import Line
from limner.jobs.queue import Queue
from limner.store.recovery import Recovery
from worker.easel import Easel

LAPSED = 0.0


def recovering(easel: Easel, queue: Queue, kind: type[Recovery] = Recovery) -> Recover:
    """What every worker does, in this process."""
    recovery, line = kind(easel.database), Line(easel.shared)
    return Recover(easel.ledger, recovery, queue, line, easel.announcer, easel.settings)


async def lost(easel: Easel, count: int, *, max_attempts: int = 3) -> list[str]:
    """Generations that were taken by somebody who is silent since."""
    task_ids = []
    for _ in range(count):
        task_id = (await easel.ask(max_attempts=max_attempts)).task_id
        assert await easel.ledger.take(task_id, token=str(uuid4()), lease_seconds=LAPSED)
        task_ids.append(task_id)
    return task_ids
