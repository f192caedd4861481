"""A user does not want an image any more, or not even the character, or the whole plot."""

import asyncio

from limner import log
from limner.bus.publish import PATIENCE_SECONDS
from limner.domain.errors import NotInFlightError
from limner.domain.ids import new_id
from limner.domain.transition import Transition
from limner.flows.announce import Announcer
from limner.flows.attempt import log_move
from limner.store.history import History
from limner.store.ledger import Ledger
from limner.store.plots import Plots

_log = log.get()


class Cancel:
    """Cancels what is in flight. Its worker finds the lease gone and stops."""

    def __init__(
        self, ledger: Ledger, plots: Plots, history: History, announcer: Announcer
    ) -> None:
        self._ledger = ledger
        self._plots = plots
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
            canceled = await self._ledger.cancel(newest.task_id, move=new_id())
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

    async def plot(self, plot_id: str, owner: str) -> None:
        """Remove a plot, and cancel all that is in flight in it.

        Its streams are told in the order of the numbers: of a plot that is gone, one that was left
        out can't be read any more. And they are told that it is gone after all else.

        Raises:
            NotFoundError: this owner has no such plot.
        """
        canceled = await self._plots.remove(plot_id, owner)
        for transition in canceled:
            log_move(transition)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):  # for all of them together
                for transition in canceled:
                    if not await self._announcer.moved(transition):
                        break
                await self._announcer.plot_changed(plot_id)
        except TimeoutError:
            _log.warning("Redis was slow to take that a plot was deleted", plot_id=plot_id)

    async def _tell(self, canceled: Transition) -> None:
        await self._announcer.moved(canceled)
        log_move(canceled)
