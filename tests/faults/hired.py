"""A worker that draws when it is told to: its pictures wait for a signal, or kill it.

Run as a program. It is Limner's own worker but for its provider, and it looks for what was lost,
and for what may go, more often than it does elsewhere, so that a test need not wait.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner import log, resources
from limner.flows import recover, retain
from limner.providers.base import Order, Picture, Provider, Ticket
from limner.providers.blank import BlankProvider
from limner.settings import Settings, load
from limner.worker.supervise import work

GO = signal.SIGUSR1
"""Draw what was held back, and hold nothing back any more."""
HELD = "Held"
"""A character of this name is drawn once it is time to go."""
POISON = "Poison"
"""A character of this name is the end of the process."""


class Hired(BlankProvider):
    """Draws a character as its name says."""

    def __init__(self, go: asyncio.Event) -> None:
        self._go = go

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """A blank square, sooner or later, or never."""
        if order.name == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        if order.name == HELD:
            await self._go.wait()
        return await super().draw(order, ticket)


@asynccontextmanager
async def hired(settings: Settings) -> AsyncIterator[dict[str, Provider]]:
    """The one provider that this worker has."""
    go = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(GO, go.set)
    yield {"blank": Hired(go)}


def main() -> None:
    """Work until told to stop."""
    resources.open_providers = hired  # type: ignore[attr-defined] # a worker has no other seam
    recover.SWEEP_SECONDS = 0.2
    recover.SCATTER_SECONDS = 0.2
    retain.SWEEP_SECONDS = 0.2
    settings = load()
    log.configure(settings.log_format, settings.log_level)
    asyncio.run(work(settings))


if __name__ == "__main__":
    main()
