"""Whether, and when, a provider may be asked: its slots, and whether it is left alone for now."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limner.domain.errors import DrawingError, ErrorCode
from limner.domain.order import Route
from limner.flows.attempt import Attempt
from limner.flows.limits import in_time
from limner.flows.patience import until_answered
from limner.gates.breakers import ALONE_SECONDS, Breakers
from limner.gates.line import Line
from limner.gates.slots import Slots
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
"""What says that a provider does not work."""
_ANSWERS: Final = frozenset(
    {
        ErrorCode.CONTENT_POLICY,
        ErrorCode.PROVIDER_REJECTED,
        ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
        ErrorCode.PROVIDER_RATE_LIMITED,
    }
)
"""What says that it works, and does not do this, or not now. All other codes say nothing of it."""


@dataclass(frozen=True, slots=True)
class Gates:
    """What all workers agree on."""

    breakers: Breakers
    line: Line
    slots: Mapping[str, Slots]
    """Of those providers that let only so many orders wait or be drawn at a time."""


class Admission:
    """Lets orders go to their providers."""

    def __init__(self, gates: Gates, orders: Orders, settings: Settings) -> None:
        self._gates = gates
        self._orders = orders
        self._settings = settings

    @asynccontextmanager
    async def in_turn(self, task_id: str) -> AsyncIterator[AsyncExitStack]:
        """Wait until its provider takes another order.

        Until then the generation is not taken: it waits in a queue, and is told to. What the block
        gets holds the slot until it is closed, at the end of the block at the latest.

        Raises:
            TimeoutError: its deadline has passed by now.
            DatabaseUnavailableError: Postgres has been away for as long.
        """
        async with AsyncExitStack() as turn:
            slots = await self._slots_of(task_id) if self._gates.slots else None
            if slots is not None:
                async with (
                    asyncio.timeout(self._settings.deadline_seconds),
                    self._gates.line.standing(task_id),
                ):
                    await turn.enter_async_context(slots.held(task_id))
            yield turn

    @asynccontextmanager
    async def admitted(self, attempt: Attempt, provider: str) -> AsyncIterator[None]:
        """The block may ask a provider; what becomes of it is written down for the others.

        It holds a slot for as long as the order is with the provider, as far as that is known. An
        order that is out already takes one without waiting. One that is left behind there, by
        whatever ends the drawing, keeps its slot until that runs out by itself.

        Raises:
            DrawingError: `provider_unavailable`, it is left alone for now: nothing was asked, and
                an order that is perhaps open stays so. Else what the block raises.
        """
        breakers, is_out = self._gates.breakers, attempt.handle_for(provider) is not None
        if not is_out and await breakers.is_alone(provider):  # who tries holds slots, for long
            raise _left_alone(provider, ALONE_SECONDS)
        async with self._slot(attempt, provider, is_out=is_out):
            if not is_out and (wait_seconds := await breakers.wait_seconds(provider)):
                raise _left_alone(provider, wait_seconds)
            try:
                yield
            except DrawingError as error:
                if _is_failure(error, attempt, provider):
                    await breakers.failed(provider)
                elif error.code in _ANSWERS:
                    await breakers.answered(provider)
                raise
            await breakers.answered(provider)

    @asynccontextmanager
    async def _slot(self, attempt: Attempt, provider: str, *, is_out: bool) -> AsyncIterator[None]:
        slots, task_id = self._gates.slots.get(provider), attempt.transition.task_id
        async with AsyncExitStack() as stack:
            if slots is not None:
                async with in_time(attempt, self._settings):
                    await stack.enter_async_context(slots.held(task_id, waits=not is_out))
            await attempt.turn.aclose()  # this one holds it now, or it was of another provider
            try:
                yield
            except BaseException:
                if slots is not None and attempt.is_ordered:
                    slots.leave(task_id)
                raise

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


def _left_alone(provider: str, wait_seconds: float) -> DrawingError:
    return DrawingError(
        ErrorCode.PROVIDER_UNAVAILABLE,
        "The provider has kept failing and is left alone for a while.",
        detail=f"{provider} is asked again in {wait_seconds:.0f} s",
        retry_after_seconds=wait_seconds,
    )


def _is_failure(error: DrawingError, attempt: Attempt, provider: str) -> bool:
    """Whether a provider did not work: not if it has drawn, and the picture could not be had."""
    if error.code is ErrorCode.PROVIDER_UNAVAILABLE and attempt.handle_for(provider) is not None:
        return False
    return error.code in _FAILURES
