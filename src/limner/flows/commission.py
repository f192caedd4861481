"""Having an order drawn: by the provider that was asked, or by the next one that can."""

import asyncio
from collections.abc import Mapping

from limner import log
from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.generation import Taken
from limner.flows.admission import Admission
from limner.flows.attempt import Attempt
from limner.flows.limits import in_time
from limner.flows.order_book import OrderBook
from limner.flows.patience import is_cancelled
from limner.flows.progress import ProgressTeller
from limner.providers.base import Order, Picture, Provider, Ticket
from limner.settings import Settings
from limner.store.orders import Orders

_log = log.get()


class Commission:
    """Has orders drawn, and paid once."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        admission: Admission,
        orders: Orders,
        settings: Settings,
    ) -> None:
        self._providers = providers
        self._admission = admission
        self._orders = orders
        self._settings = settings

    async def __call__(self, attempt: Attempt, teller: ProgressTeller) -> Picture:
        """Have it drawn by the first in the line that can; `attempt.drawer` tells by whom.

        Raises:
            DrawingError: nobody has drawn it; the error is that of the last who was asked.
            LeaseLostError: somebody else decides about this generation.
        """
        book = attempt.book = OrderBook(
            self._orders,
            attempt.taken,
            patience_seconds=self._settings.deadline_seconds,
            repeats=self._settings.repeat_paid_orders,
        )
        line = self._line(attempt.taken)
        for place, (name, model) in enumerate(line, start=1):
            try:
                return await self._draw(attempt, name, model, book, teller)
            except DrawingError as error:
                if place == len(line) or not error.code.is_about_provider or book.is_open:
                    raise
                _log.warning(
                    "Asking the next provider",
                    provider=line[place][0],
                    instead_of=name,
                    code=error.code,
                    why=str(error),
                    detail=error.detail,
                )
        raise AssertionError("A line is never empty.")

    def _line(self, taken: Taken) -> list[tuple[str, str | None]]:
        """Who is asked, in this order, with the models; None: with its own default."""
        transition = taken.transition
        line: dict[str, str | None] = {}
        if taken.order is not None:
            line[taken.order.provider] = taken.order.model
        line.setdefault(transition.provider, transition.model)
        if taken.fails_over:
            for name in self._settings.provider:
                line.setdefault(name, None)
        return list(line.items())

    async def _draw(
        self,
        attempt: Attempt,
        name: str,
        model: str | None,
        book: OrderBook,
        teller: ProgressTeller,
    ) -> Picture:
        provider = self._providers.get(name)
        if provider is None:  # an order that it has stays open: another worker may be able to ask
            raise DrawingError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                f"This worker has not been told how to reach {name}.",
                detail="the worker's settings lack what this provider needs",
            )
        model = model or provider.default_model
        attempt.drawer = (name, model)
        _log.info(f"Generating image with model: {model}", provider=name)
        taken = attempt.taken
        order = Order(
            task_id=taken.transition.task_id,
            character_id=taken.transition.character_id,
            name=taken.character_name,
            description=taken.description,
            prompt=taken.transition.prompt,
            model=model,
            seed=taken.seed,
        )
        ticket = Ticket(
            report=teller.report,
            show=teller.show,
            place=lambda: book.place(name, model),
            keep=book.keep,
            refused=book.refused,
            handle=book.handle_for(name),
        )
        if provider.terms.is_elsewhere:
            async with self._admission.admitted(attempt, name):
                return await self._drawn(provider, order, ticket, attempt, book)
        await attempt.turn.aclose()
        return await self._drawn(provider, order, ticket, attempt, book)

    async def _drawn(
        self,
        provider: Provider,
        order: Order,
        ticket: Ticket,
        attempt: Attempt,
        book: OrderBook,
    ) -> Picture:
        try:
            async with in_time(attempt, self._settings):
                return await provider.draw(order, ticket)
        except RefusedError:
            await book.refused()
            raise
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            raise RuntimeError("The provider was cancelled, and not by us.") from error
