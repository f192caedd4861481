"""Having an order drawn: by the provider that was asked, or by the next one that can."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner import log
from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.domain.generation import Taken
from limner.domain.order import Route
from limner.flows.attempt import Attempt
from limner.flows.order_book import OrderBook
from limner.flows.patience import is_cancelled, until_answered
from limner.flows.progress import ProgressTeller
from limner.gates.breakers import Breakers
from limner.gates.line import Line
from limner.gates.slots import Slots
from limner.providers.base import Order, Picture, Provider, Ticket
from limner.settings import Settings
from limner.store.orders import Orders

_FAILURES: Final = frozenset(
    {
        ErrorCode.PROVIDER_UNAUTHORIZED,
        ErrorCode.PROVIDER_QUOTA,
        ErrorCode.PROVIDER_UNAVAILABLE,
        ErrorCode.PROVIDER_TIMEOUT,
    }
)
"""What says that a provider does not work; everything else is about the order, or means "later"."""

_log = log.get()


@dataclass(frozen=True, slots=True)
class Gates:
    """What all workers agree on."""

    breakers: Breakers
    line: Line
    slots: Mapping[str, Slots]
    """Of those providers that let only so many orders wait or be drawn at a time."""


class Commission:
    """Has orders drawn, and paid once."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        gates: Gates,
        orders: Orders,
        settings: Settings,
    ) -> None:
        self._providers = providers
        self._gates = gates
        self._orders = orders
        self._settings = settings

    @asynccontextmanager
    async def in_turn(self, task_id: str) -> AsyncIterator[None]:
        """Wait until its provider takes another order; it is held for as long as the block runs.

        Until then the generation is not taken: it waits in a queue, and is told to.

        Raises:
            TimeoutError: its deadline has passed by now.
            DatabaseUnavailableError: Postgres has been away for as long.
        """
        slots = await self._slots_of(task_id) if self._gates.slots else None
        if slots is None:
            yield
            return
        async with AsyncExitStack() as stack:
            async with (
                asyncio.timeout(self._settings.deadline_seconds),
                self._gates.line.standing(task_id),
            ):
                await stack.enter_async_context(slots.held(task_id))
            yield

    async def __call__(self, attempt: Attempt, teller: ProgressTeller) -> Picture:
        """Have it drawn by the first in the line that can; `attempt.drawer` tells by whom.

        Raises:
            DrawingError: nobody has drawn it; the error is that of the last who was asked.
            LeaseLostError: somebody else decides about this generation.
        """
        taken = attempt.taken
        book = OrderBook(self._orders, taken, patience_seconds=self._settings.deadline_seconds)
        line = self._line(taken)
        for place, (name, model) in enumerate(line, start=1):
            try:
                return await self._draw(attempt, name, model, book, teller)
            except DrawingError as error:
                if isinstance(error, RefusedError):
                    await book.refused()
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
        if provider is None:
            raise RefusedError(
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
            handle=book.handle_for(name),
        )
        async with AsyncExitStack() as stack:
            if name in self._gates.slots and ticket.handle is None:  # with one, it is out already
                async with self._in_time(attempt):
                    held = self._gates.slots[name].held(order.task_id)
                    await stack.enter_async_context(held)
            if not provider.terms.is_elsewhere:
                return await self._drawn(provider, order, ticket, attempt)
            return await self._watched(provider, order, ticket, attempt)

    async def _watched(
        self, provider: Provider, order: Order, ticket: Ticket, attempt: Attempt
    ) -> Picture:
        """Draw unless the provider is left alone for now, and write down how it does."""
        breakers = self._gates.breakers
        if ticket.handle is None and (wait := await breakers.wait_seconds(provider.name)):
            raise RefusedError(
                ErrorCode.PROVIDER_UNAVAILABLE,
                "The provider has kept failing and is left alone for a while.",
                detail=f"{provider.name} is asked again in {wait:.0f} s",
                retry_after_seconds=wait,
            )
        try:
            picture = await self._drawn(provider, order, ticket, attempt)
        except DrawingError as error:
            if error.code in _FAILURES:
                await breakers.failed(provider.name)
            else:
                await breakers.answered(provider.name)
            raise
        await breakers.answered(provider.name)
        return picture

    async def _drawn(
        self, provider: Provider, order: Order, ticket: Ticket, attempt: Attempt
    ) -> Picture:
        try:
            async with self._in_time(attempt):
                return await provider.draw(order, ticket)
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            raise RuntimeError("The provider was cancelled, and not by us.") from error

    @asynccontextmanager
    async def _in_time(self, attempt: Attempt) -> AsyncIterator[None]:
        """Raises DrawingError when the attempt, or the whole generation, has taken too long."""
        limit_seconds = self._settings.attempt_seconds
        left_seconds = max(attempt.taken.seconds_left, 0)
        try:
            async with asyncio.timeout_at(
                attempt.began + min(limit_seconds, left_seconds)
            ) as limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            if left_seconds < limit_seconds:
                raise self.too_late() from None
            raise DrawingError(
                ErrorCode.PROVIDER_TIMEOUT,
                f"The provider did not finish within {limit_seconds:g} seconds.",
            ) from None

    def too_late(self) -> DrawingError:
        """A generation that is not finished at its deadline."""
        seconds = self._settings.deadline_seconds
        return DrawingError(
            ErrorCode.DEADLINE_EXCEEDED, f"The image was not finished within {seconds:g} seconds."
        )

    async def _slots_of(self, task_id: str) -> Slots | None:
        route = await until_answered(
            lambda: self._orders.route(task_id), seconds=self._settings.deadline_seconds
        )
        if route is None or route.is_ordered or await self._goes_elsewhere(route):
            return None
        return self._gates.slots.get(route.provider)

    async def _goes_elsewhere(self, route: Route) -> bool:
        """Whether it will be drawn by the next in the line, since its provider is left alone."""
        if not route.fails_over or route.provider not in self._gates.slots:
            return False
        return await self._gates.breakers.is_alone(route.provider)
