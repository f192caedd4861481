"""A user does not want an image any more, or not even the character."""

import asyncio
from uuid import uuid4

from limner.domain.errors import NotInFlightError
from limner.domain.transition import Transition
from limner.flows.announce import Announcer
from limner.flows.attempt import log_move
from limner.store.history import History
from limner.store.ledger import Ledger


class Cancel:
    """Cancels what is in flight. Its worker finds the lease gone and stops."""

    def __init__(self, ledger: Ledger, history: History, announcer: Announcer) -> None:
        self._ledger = ledger
        self._history = history
        self._announcer = announcer

    async def image(self, character_id: str, owner: str) -> Transition:
        """Cancel a character's generation in flight.

        Raises:
            NotFoundError: this owner has no such character.
            NotInFlightError: it has no generation in flight.
        """
        newest = (await self._history.poll(character_id, owner)).transition
        canceled = None
        if newest is not None and not newest.status.is_final:
            canceled = await self._ledger.cancel(newest.task_id, move=str(uuid4()))
        if canceled is None:
            raise NotInFlightError("This character has no generation in flight.")
        await self._tell(canceled)
        return canceled

    async def character(self, character_id: str, owner: str) -> None:
        """Remove a character, and cancel what is in flight for it.

        Raises:
            NotFoundError: this owner has no such character.
        """
        plot_id, canceled = await self._ledger.remove_character(character_id, owner)
        tellings = [self._announcer.plot_changed(plot_id)]
        if canceled is not None:
            tellings.append(self._tell(canceled))
        await asyncio.gather(*tellings)

    async def _tell(self, canceled: Transition) -> None:
        await self._announcer.moved(canceled)
        log_move(canceled)
