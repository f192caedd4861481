"""A history that counts what it is asked, and a reader that takes everything."""

import asyncio

from limner.store.database import Database
from limner.store.history import Ask, History, PlotNow
from stage.process import BOUND_SECONDS
from stream.memory import Follower


class Counted(History):
    """A history that knows what it was asked, and answers when the test lets it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked: list[list[Ask]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fault: BaseException | None = None
        self._news = asyncio.Condition()

    async def openings(self, asks: list[Ask], *, count: int) -> list[PlotNow | None]:
        self.asked.append(asks)
        fault = self.fault
        async with self._news:
            self._news.notify_all()
        found = await super().openings(asks, count=count)
        await self.may_answer.wait()
        if fault is not None:
            raise fault
        return found

    async def was_asked(self, times: int) -> None:
        async with asyncio.timeout(BOUND_SECONDS), self._news:
            await self._news.wait_for(lambda: len(self.asked) >= times)


class Reader(Follower):
    """A follower that takes everything at once."""

    async def ready(self) -> None:
        """Nothing is kept back here."""
