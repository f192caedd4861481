"""The order book of one attempt: what was ordered is written down before it is sent."""

from uuid import uuid4

from limner import log
from limner.domain.generation import Taken
from limner.domain.order import OpenOrder
from limner.flows.lease import LeaseLostError
from limner.flows.patience import see_through, until_answered
from limner.store.orders import Orders

WRITING_SECONDS = 5.0
"""How long a worker that is told to stop goes on writing down a handle."""

_log = log.get()


class OrderBook:
    """What is known of the orders for a generation that was taken.

    Args:
        orders: where it is written.
        taken: the generation, with what attempts before this one have ordered.
        patience_seconds: how long to wait for Postgres.
    """

    def __init__(self, orders: Orders, taken: Taken, *, patience_seconds: float) -> None:
        self._orders = orders
        self._taken = taken
        self._open = taken.order
        self._patience_seconds = patience_seconds

    @property
    def is_open(self) -> bool:
        """Whether a provider has, or perhaps has, an order that is paid for."""
        return self._open is not None

    def handle_for(self, provider: str) -> str | None:
        """What the provider can be asked for its order by; None: it has none, or gave nothing."""
        if self._open is None or self._open.provider != provider:
            return None
        return self._open.handle

    async def place(self, provider: str, model: str) -> None:
        """An order is about to be sent.

        Raises:
            LeaseLostError: it must not be sent: somebody else decides about this generation.
            DatabaseUnavailableError: it must not be sent: nobody would know of it.
        """
        order = OpenOrder(str(uuid4()), provider, model, handle=None)
        is_placed = await until_answered(
            lambda: self._orders.place(
                self._taken.transition.task_id, order, token=self._taken.token
            ),
            seconds=self._patience_seconds,
        )
        if not is_placed:
            raise LeaseLostError("It was taken away before it was ordered.")
        self._open = order

    async def keep(self, handle: str) -> None:
        """The provider has taken the order, and it can be asked for by this handle.

        It is written to its end, also when the worker is told to stop meanwhile: without it the
        order is paid for and lost.

        Raises:
            DatabaseUnavailableError: it is not written down.
        """
        if self._open is None:
            raise LookupError("There is no order that this could be the handle of.")
        if self._open.handle is None:
            _log.info("The provider has taken the order", provider=self._open.provider)
        order = OpenOrder(self._open.id, self._open.provider, self._open.model, handle)
        self._open = order
        await see_through(
            until_answered(
                lambda: self._orders.keep(order.id, handle), seconds=self._patience_seconds
            ),
            seconds=WRITING_SECONDS,
        )

    async def refused(self) -> None:
        """The provider will not fill its order: there may be another.

        Raises:
            DatabaseUnavailableError: it is not written down, and counts as perhaps taken.
        """
        order, self._open = self._open, None
        if order is not None:
            await until_answered(
                lambda: self._orders.refuse(order.id), seconds=self._patience_seconds
            )
