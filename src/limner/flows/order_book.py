"""The order book of one attempt: what was ordered is written down before it is sent."""

from dataclasses import replace

from limner import log
from limner.domain.generation import Taken
from limner.domain.ids import new_id
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
        repeats: whether an order of which nothing is known is given up for another.
    """

    def __init__(
        self, orders: Orders, taken: Taken, *, patience_seconds: float, repeats: bool = False
    ) -> None:
        self._orders = orders
        self._taken = taken
        self._open = taken.order
        self._patience_seconds = patience_seconds
        self._repeats = repeats
        self._is_ours = taken.order is not None and taken.order.handle is not None
        self._is_written = True

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
            OrderedAlreadyError: it must not be sent: another is perhaps taken.
            DatabaseUnavailableError: it must not be sent: nobody would know of it.
        """
        order = OpenOrder(new_id(), provider, model, handle=None)
        is_placed = await until_answered(
            lambda: self._orders.place(
                self._taken.transition.task_id,
                order,
                token=self._taken.token,
                repeats=self._repeats,
            ),
            seconds=self._patience_seconds,
        )
        if not is_placed:
            raise LeaseLostError("It was taken away before it was ordered.")
        self._open, self._is_ours = order, True

    async def keep(self, handle: str) -> None:
        """The provider has taken the order, and it can be asked for by this handle.

        Who is told to stop meanwhile goes on writing for a while: without it the order is paid for
        and lost. What is not written by then is for `finish`.

        Raises:
            DatabaseUnavailableError: it is not written down yet.
        """
        if self._open is None:
            raise LookupError("There is no order that this could be the handle of.")
        if self._open.handle is None:
            _log.info("The provider has taken the order", provider=self._open.provider)
        self._open, self._is_written = replace(self._open, handle=handle), False
        await see_through(self.finish(), seconds=WRITING_SECONDS)

    async def finish(self) -> None:
        """Write down what is not written yet, for as long as Postgres is waited for.

        Raises:
            DatabaseUnavailableError: it is not written down.
        """
        order = self._open
        if order is None or order.handle is None or self._is_written:
            return
        handle = order.handle
        is_kept = await until_answered(
            lambda: self._orders.keep(order.id, handle), seconds=self._patience_seconds
        )
        self._is_written = True
        if not is_kept:
            _log.error("An order was given up, and the provider took it", provider=order.provider)

    async def refused(self) -> None:
        """The provider will not fill the order that it was sent, or asked for: may be another does.

        What others have sent, and nobody can ask for, stays as it is.

        Raises:
            DatabaseUnavailableError: it is not written down, and counts as perhaps taken.
        """
        if self._open is None or not self._is_ours:
            return
        order_id = self._open.id
        await until_answered(lambda: self._orders.refuse(order_id), seconds=self._patience_seconds)
        self._open, self._is_ours = None, False
