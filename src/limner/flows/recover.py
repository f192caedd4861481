"""Looking after what nobody looks after any more: every worker does, one at a time.

A killed worker, a flushed Redis, a job that the queue never got: each costs seconds, and no
generation.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from limner import log
from limner.domain.errors import DatabaseBusyError, DatabaseUnavailableError, ErrorCode
from limner.domain.ids import new_id
from limner.domain.transition import Transition
from limner.flows.announce import Announcer
from limner.flows.attempt import PERHAPS_PAID, log_move
from limner.flows.patience import LONGEST_SECONDS
from limner.gates.line import Line
from limner.jobs.queue import Queue
from limner.settings import Settings
from limner.store.ledger import Ledger
from limner.store.recovery import Lapsed, Recovery, Waiting

SWEEP_SECONDS = 2.0
WAITING_SECONDS = 3.0
"""How long a generation may wait before the queue is asked whether it still knows it."""
SCATTER_SECONDS = 3.0
"""Lost attempts are tried again at random moments up to this, times the attempt: so that one that
kills its worker does not meet the same others each time."""
TOGETHER = 20
"""How many are seen to at a time: while Redis is frozen, each takes a second to be told of."""
LOST = "The worker that drew this was lost."

One = TypeVar("One")

_log = log.get()


class Recover:
    """Returns lost attempts, ends what is overdue, and hands over again what the queue forgot."""

    def __init__(  # noqa: PLR0913, PLR0917 - one for each thing that recovery touches
        self,
        ledger: Ledger,
        recovery: Recovery,
        queue: Queue,
        line: Line,
        announcer: Announcer,
        settings: Settings,
    ) -> None:
        self._ledger = ledger
        self._recovery = recovery
        self._queue = queue
        self._line = line
        self._announcer = announcer
        self._lease_seconds = settings.lease_seconds
        self._repeats = settings.repeat_paid_orders
        self._too_late = f"The image was not finished within {settings.deadline_seconds:g} seconds."
        self._amnesty_until = 0.0

    async def run(self) -> None:
        """Sweep every few seconds for as long as the process lives.

        A lease that ran out while Postgres was away ran out because nobody could renew it. So after
        an outage everybody gets the time of a lease to come back before any is taken over, and what
        they may wait before they ask again.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            try:
                await self()
            except DatabaseUnavailableError as error:
                self._amnesty_until = loop.time() + self._lease_seconds + LONGEST_SECONDS
                _log.warning("Could not look for lost generations", why=str(error))
            except Exception:  # noqa: BLE001 - whatever it was, this sweep must not be the last
                _log.exception("Looking for lost generations broke")

    async def __call__(self) -> None:
        """Sweep once, unless another process is at it.

        Raises:
            DatabaseUnavailableError: Postgres did not answer; the next sweep will find the rest.
        """
        async with self._recovery.turn() as is_ours:
            if not is_ours:
                return
            await _each(self._end, await self._recovery.overdue())
            if asyncio.get_running_loop().time() >= self._amnesty_until:
                await _each(self._return, await self._recovery.lapsed())
            await self._hand_over_again()

    async def _end(self, task_id: str) -> None:
        transition = await self._ledger.expire(task_id, error=self._too_late, move=new_id())
        await self._tell(transition, "Ended a generation past its deadline")

    async def _return(self, lapsed: Lapsed) -> None:
        move = new_id()
        is_paid = lapsed.is_perhaps_paid and not self._repeats
        if is_paid or not lapsed.has_attempts_left:
            failed = await self._ledger.fail(
                lapsed.task_id,
                token=lapsed.token,
                code=ErrorCode.WORKER_LOST,
                error=f"{LOST} {PERHAPS_PAID}" if is_paid else LOST,
                move=move,
                lapsed_only=True,
            )
            await self._tell(failed, "Gave up a generation: its worker was lost")
            return
        returned = await self._ledger.give_back(
            lapsed.task_id,
            token=lapsed.token,
            reason=LOST,
            move=move,
            lapsed_only=True,
            repeat_paid_orders=self._repeats,
        )
        if returned is None:
            return
        transition = returned.transition
        scatter = SCATTER_SECONDS * transition.attempt * random.random()  # noqa: S311 - a scatter
        await self._announcer.queued(transition, returned.dispatch, delay_seconds=scatter)
        log_move(transition)
        _log.warning("Took back a generation: its worker was lost", task_id=lapsed.task_id)

    async def _hand_over_again(self) -> None:
        async for portion in self._recovery.waiting(waiting_seconds=WAITING_SECONDS):
            known = await self._queue.known(
                [(waiting.task_id, waiting.dispatch) for waiting in portion]
            )
            standing = await self._line.stands([waiting.task_id for waiting in portion])
            if known is None or standing is None:
                return  # Redis does not answer: nothing could be handed over either
            forgotten = [
                waiting
                for waiting, *is_cared_for in zip(portion, known, standing, strict=True)
                if not any(is_cared_for)
            ]
            await _each(self._hand_over, forgotten)

    async def _hand_over(self, waiting: Waiting) -> None:
        dispatch = await self._recovery.dispatch_again(waiting)
        if dispatch is not None:
            await self._announcer.again(waiting.task_id, dispatch)
            _log.warning(
                "Handed over a generation that the queue had forgotten",
                task_id=waiting.task_id,
                dispatch=dispatch,
            )

    async def _tell(self, transition: Transition | None, event: str) -> None:
        if transition is not None:
            await self._announcer.moved(transition)
            log_move(transition)
            _log.warning(event, task_id=transition.task_id)


async def _each(see_to: Callable[[One], Awaitable[None]], found: list[One]) -> None:
    """See to each, several at a time. One that can't be seen to keeps no other from it.

    Raises:
        DatabaseUnavailableError: Postgres is away, and so are the rest of them.
    """
    gate = asyncio.Semaphore(TOGETHER)
    away: list[DatabaseUnavailableError] = []

    async def one(item: One) -> None:
        async with gate:
            if away:
                return
            try:
                await see_to(item)
            except DatabaseBusyError as error:
                _log.warning("Could not recover a generation yet", which=item, why=str(error))
            except DatabaseUnavailableError as error:
                away.append(error)
            except Exception:  # noqa: BLE001 - whatever it is about this one, there are others
                _log.exception("Could not recover a generation", which=item)

    async with asyncio.TaskGroup() as group:
        for item in found:
            group.create_task(one(item), name="recover one")
    if away:
        raise away[0]
