"""The provider called `avatar`: no network, no key, and still a likeness."""

import asyncio

from limner.domain.errors import ErrorCode, RefusedError
from limner.domain.estimate import Estimate
from limner.domain.progress import Progress, Stage
from limner.providers.avatar.pool import Pool
from limner.providers.avatar.sitter import Sitter
from limner.providers.base import IN_HOUSE, Order, Picture, Ticket

_STEPS = 14


class AvatarProvider:
    """Draws in child processes and lets it be watched.

    Args:
        seconds: how long a portrait takes at least. The drawing itself is done in a fraction of a
            second, which would leave nothing to see of a service that is about waiting.
    """

    name = "avatar"
    default_model = "avataaars"
    terms = IN_HOUSE

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool = Pool()
        self.stated_estimate = Estimate(seconds, seconds + 1)

    async def warm(self) -> None:
        """Start the child processes now, so that the first portrait is as quick as the others."""
        await self._pool.warm()

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Draw the character's portrait, 768 by 768; the same order gives the same picture.

        The drawing comes first and the waiting after it: what can fail has failed early, and
        what is cancelled while it waits has nothing left to stop.

        Raises:
            DrawingError: `INTERNAL`, when child processes died or hung over it.
            RefusedError: `PROVIDER_MODEL_UNAVAILABLE` for any model but the one there is.
        """
        if order.model != self.default_model:
            raise RefusedError(
                ErrorCode.PROVIDER_MODEL_UNAVAILABLE,
                f"The built-in provider has one model, {self.default_model}.",
            )
        loop = asyncio.get_running_loop()
        start = loop.time()
        ticket.report(Progress(Stage.ORDERING, 0.0, self._seconds))
        sitter = Sitter(order.character_id, order.name, order.description, order.seed)
        data = await self._pool.paint(sitter)
        for step in range(_STEPS):
            if (elapsed := loop.time() - start) >= self._seconds:
                break
            ticket.report(Progress(Stage.DRAWING, elapsed / self._seconds, self._seconds - elapsed))
            await asyncio.sleep((self._seconds - elapsed) / (_STEPS - step))
        ticket.report(Progress(Stage.DRAWING, 1.0, 0.0))
        return Picture(data, self.default_model)

    async def check(self) -> str | None:
        """All that it draws with is part of this program."""
        return None

    async def aclose(self) -> None:
        """End the child processes, also one that is in the middle of a portrait."""
        await self._pool.aclose()
