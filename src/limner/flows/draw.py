"""A worker draws one generation, from taking it to its next status."""

import asyncio
import time
from contextlib import AsyncExitStack

from structlog.contextvars import bound_contextvars

from limner import log
from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.generation import Taken
from limner.domain.ids import new_id
from limner.domain.image import Image
from limner.domain.progress import Progress, Stage
from limner.flows.admission import Admission
from limner.flows.announce import Announcer
from limner.flows.attempt import Attempt, Outcomes, log_move
from limner.flows.commission import Commission
from limner.flows.keep import KeepImage
from limner.flows.lease import LeaseKeeper, LeaseLostError
from limner.flows.limits import too_late
from limner.flows.patience import at_last, see_through, until_answered
from limner.flows.progress import ProgressTeller, telling
from limner.settings import Settings
from limner.store.ledger import Ledger

STOPPING_SECONDS = 3.0
"""How long a worker that is told to stop tries to write down where it has come to."""

_log = log.get()


class DrawImage:
    """Takes a generation, has it drawn, stores the image, and writes down how it ended."""

    def __init__(  # noqa: PLR0913, PLR0917 - one for each thing that drawing touches
        self,
        ledger: Ledger,
        keeper: LeaseKeeper,
        announcer: Announcer,
        admission: Admission,
        commission: Commission,
        keep: KeepImage,
        settings: Settings,
    ) -> None:
        self._ledger = ledger
        self._keeper = keeper
        self._announcer = announcer
        self._admission = admission
        self._commission = commission
        self._keep = keep
        self._settings = settings
        self._outcomes = Outcomes(
            ledger,
            announcer,
            patience_seconds=settings.deadline_seconds,
            repeat_paid_orders=settings.repeat_paid_orders,
        )

    async def __call__(self, task_id: str) -> None:
        """Draw a generation if it waits for it; if not, there is nothing to do."""
        try:
            async with self._admission.in_turn(task_id) as turn:
                await self._try(task_id, turn)
        except TimeoutError:
            await self._expire(task_id)

    async def _try(self, task_id: str, turn: AsyncExitStack) -> None:
        began = asyncio.get_running_loop().time()
        taken = await self._take(task_id)
        if taken is None:
            await self._expire(task_id)
            return
        with bound_contextvars(
            character=taken.character_name,
            task_id=task_id,
            attempt=taken.transition.attempt,
            began=time.monotonic(),
        ):
            await self._work(Attempt(taken, began, turn))

    async def _take(self, task_id: str) -> Taken | None:
        token = new_id()
        try:
            return await until_answered(
                lambda: self._ledger.take(
                    task_id, token=token, lease_seconds=self._settings.lease_seconds
                ),
                seconds=self._settings.deadline_seconds,
            )
        except asyncio.CancelledError:
            # it may be committed, and then nobody would draw it until the lease has run out
            await at_last(
                self._outcomes.undone(task_id, token, _stopped()),
                seconds=STOPPING_SECONDS,
            )
            raise

    async def _expire(self, task_id: str) -> None:
        move = new_id()
        transition = await until_answered(
            lambda: self._ledger.expire(task_id, error=str(too_late(self._settings)), move=move),
            seconds=self._settings.deadline_seconds,
        )
        if transition is not None:
            await self._announcer.moved(transition)
            log_move(transition)

    async def _work(self, attempt: Attempt) -> None:
        """Draw, and write down how it ended, whatever it was that ended it."""
        try:
            image, model = await self._draw_under_lease(attempt)
        except LeaseLostError as error:
            _log.info("Stopped drawing", why=str(error))
            return
        except DrawingError as error:
            outcome = self._outcomes.lost(attempt, error, retry_seconds=attempt.retry_seconds)
        except asyncio.CancelledError:
            await at_last(
                self._outcomes.lost(attempt, _stopped(), retry_seconds=0), seconds=STOPPING_SECONDS
            )
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the generation's status must tell of it
            _log.exception("Drawing broke")
            broke = DrawingError(ErrorCode.INTERNAL, "Something broke while drawing.")
            outcome = self._outcomes.lost(attempt, broke, retry_seconds=attempt.retry_seconds)
        else:
            outcome = self._outcomes.completed(attempt, image, model=model)
        await see_through(outcome, seconds=STOPPING_SECONDS)

    async def _tell_of_start(self, attempt: Attempt) -> None:
        transition, name = attempt.transition, attempt.taken.character_name
        waited = transition.at - transition.queued_at
        _log.info(f"Starting generation for {name}", since_request=waited.total_seconds())
        await self._announcer.moved(transition)
        log_move(transition)

    async def _draw_under_lease(self, attempt: Attempt) -> tuple[Image, str]:
        async with (
            self._keeper.keeping(attempt.taken, since=attempt.began),
            telling(self._announcer, attempt.transition) as teller,
        ):
            await self._tell_of_start(attempt)
            return await self._draw(attempt, teller)

    async def _draw(self, attempt: Attempt, teller: ProgressTeller) -> tuple[Image, str]:
        picture = await self._commission(attempt, teller)
        teller.report(Progress(Stage.STORING, eta_seconds=0))
        return await self._keep(picture.data), picture.model


def _stopped() -> DrawingError:
    return DrawingError(ErrorCode.WORKER_LOST, "The worker was stopped while drawing.")
