"""One attempt at a generation, and writing down how it ended."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from limner import log
from limner.domain.errors import DrawingError
from limner.domain.generation import Taken
from limner.domain.ids import new_id
from limner.domain.image import Image
from limner.domain.transition import Transition
from limner.flows.announce import Announcer
from limner.flows.order_book import OrderBook
from limner.flows.patience import until_answered
from limner.store.ledger import Ledger

RETRY_SECONDS = (1.0, 5.0, 20.0)
"""How long the queue keeps a generation after its first, second, … lost attempt."""

PERHAPS_PAID = "It may have been charged for, so it was not ordered again by itself."
"""What is said of an order that is not repeated."""

_log = log.get()


@dataclass(slots=True)
class Attempt:
    """A taken generation, when taking it began, and who draws it."""

    taken: Taken
    began: float
    """By the event loop's clock, in seconds."""
    turn: AsyncExitStack = field(default_factory=AsyncExitStack)
    """Holds the slot that was waited for before it was taken; closed when its order is done."""
    drawer: tuple[str, str] = field(init=False)
    """The provider that was asked last, and its model."""
    book: OrderBook | None = None
    """What was ordered for it."""

    def __post_init__(self) -> None:
        self.drawer = (self.transition.provider, self.transition.model)

    @property
    def transition(self) -> Transition:
        """The move to `generating` that began it."""
        return self.taken.transition

    @property
    def is_ordered(self) -> bool:
        """Whether a provider has, or perhaps has, an order of it that is paid for."""
        return self.book is not None and self.book.is_open

    def handle_for(self, provider: str) -> str | None:
        """What a provider can be asked for its order by; None: it has none, or gave nothing."""
        return None if self.book is None else self.book.handle_for(provider)

    @property
    def retry_seconds(self) -> float:
        """How long to wait before the next attempt."""
        return RETRY_SECONDS[min(self.transition.attempt, len(RETRY_SECONDS)) - 1]


class Outcomes:
    """Writes how attempts ended. One that has lost its lease meanwhile writes nothing.

    Args:
        ledger: where it is written.
        announcer: who tells of it.
        patience_seconds: how long to wait for Postgres, if it is away when an attempt ends.
        repeat_paid_orders: whether what may have been paid for is drawn again.
    """

    def __init__(
        self,
        ledger: Ledger,
        announcer: Announcer,
        *,
        patience_seconds: float,
        repeat_paid_orders: bool = False,
    ) -> None:
        self._ledger = ledger
        self._announcer = announcer
        self._patience_seconds = patience_seconds
        self._repeats = repeat_paid_orders

    async def completed(self, attempt: Attempt, image: Image, *, model: str) -> None:
        """The image is stored: generating → completed."""
        move = new_id()
        transition = await until_answered(
            lambda: self._ledger.complete(
                attempt.transition.task_id,
                image,
                token=attempt.taken.token,
                provider=attempt.drawer[0],
                model=model,
                move=move,
            ),
            seconds=self._patience_seconds,
        )
        if transition is None:
            _overtaken(or_else=", or the claim of its image has run out")
            return
        await self._announcer.moved(transition)
        log_move(transition)
        _log.info("Done", image=image.name)

    async def lost(self, attempt: Attempt, error: DrawingError, *, retry_seconds: float) -> None:
        """There is no image: generating → pending while another try may help, else → failed.

        It may help while attempts remain, and while nothing is paid for that can't be asked for.
        """
        if attempt.book is not None:
            await attempt.book.finish()
        if error.code.retryable and attempt.transition.attempt < attempt.transition.max_attempts:
            task_id, token = attempt.transition.task_id, attempt.taken.token
            wait_seconds = max(retry_seconds, error.retry_after_seconds or 0)
            if await self.returned(task_id, token, error, retry_seconds=wait_seconds):
                return
            error = DrawingError(error.code, f"{error} {PERHAPS_PAID}", detail=error.detail)
        await self._fail(attempt, error)

    async def returned(
        self, task_id: str, token: str, error: DrawingError, *, retry_seconds: float
    ) -> bool:
        """generating → pending; whether it was taken with this token, and was so still."""
        move = new_id()
        returned = await until_answered(
            lambda: self._ledger.give_back(
                task_id,
                token=token,
                reason=str(error),
                move=move,
                repeat_paid_orders=self._repeats,
            ),
            seconds=self._patience_seconds,
        )
        if returned is None:
            return False
        await self._announcer.queued(
            returned.transition, returned.dispatch, delay_seconds=retry_seconds
        )
        log_move(returned.transition)
        _log.warning(
            "Lost the attempt, there will be another",
            code=error.code,
            why=str(error),
            detail=error.detail,
            retry_seconds=retry_seconds,
        )
        return True

    async def undone(self, task_id: str, token: str, error: DrawingError) -> None:
        """It may have been taken with this token, and nobody will draw it: as if it were lost."""
        if not await self.returned(task_id, token, error, retry_seconds=0):
            await self._failed(task_id, token, error)

    async def _fail(self, attempt: Attempt, error: DrawingError) -> None:
        task_id, token = attempt.transition.task_id, attempt.taken.token
        if not await self._failed(task_id, token, error, attempt.drawer):
            _overtaken()

    async def _failed(
        self,
        task_id: str,
        token: str,
        error: DrawingError,
        drawer: tuple[str | None, str | None] = (None, None),
    ) -> bool:
        """generating → failed; whether it was taken with this token, and was so still."""
        move = new_id()
        transition = await until_answered(
            lambda: self._ledger.fail(
                task_id,
                token=token,
                code=error.code,
                error=str(error),
                move=move,
                provider=drawer[0],
                model=drawer[1],
            ),
            seconds=self._patience_seconds,
        )
        if transition is None:
            return False
        await self._announcer.moved(transition)
        log_move(transition)
        _log.error(
            "Failed",
            code=error.code,
            why=str(error),
            detail=error.detail,
        )
        return True


def log_move(transition: Transition) -> None:
    """The line by which an operator follows a generation from status to status."""
    _log.info(
        f"Status moved: {transition.previous or 'nothing'} → {transition.status}",
        character=transition.character_name,
        task_id=transition.task_id,
        attempt=transition.attempt,
        seq=transition.seq,
        plot_id=transition.plot_id,
    )


def _overtaken(or_else: str = "") -> None:
    _log.warning(f"Wrote nothing: this attempt has lost its lease{or_else}")
