"""Providers that are elsewhere and charge, and what becomes of what is ordered there."""

from uuid import uuid4

from limner.domain.errors import DrawingError, ErrorCode, RefusedError
from limner.providers.base import Order, Picture, Terms, Ticket
from worker.easel import Draw, Easel, Painter, failing

PAID = Terms(charges=True, is_elsewhere=True)


def elsewhere(*draws: Draw, terms: Terms = PAID) -> Painter:
    """A provider that is elsewhere, under a name that no other test knows."""
    return Painter(*draws, name=f"elsewhere {uuid4()}", default_model="large", terms=terms)


def ordering(then: Draw, handle: str | None = None) -> Draw:
    """Place an order, keep its handle if there is one, and then go on."""

    async def draw(order: Order, ticket: Ticket) -> Picture:
        await ticket.place()
        if handle is not None:
            await ticket.keep(handle)
        return await then(order, ticket)

    return draw


def refusing(code: ErrorCode) -> Draw:
    """A provider's own word that it does not draw this."""
    return failing(RefusedError(code, "The provider does not draw this."))


def breaking(code: ErrorCode) -> Draw:
    """Something went wrong, and nobody knows what became of the order."""
    return failing(DrawingError(code, "The connection to the provider broke."))


async def asked(easel: Easel, *painters: Painter, **settings: object) -> str:
    """One attempt at a generation that these may draw, in this order; its id."""
    task_id = (await easel.ask(provider=painters[0].name, fails_over=True)).task_id
    await easel.drawing(*painters, **settings)(task_id)
    return task_id
