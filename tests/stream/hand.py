"""A worker played by hand: it moves generations, and tells of it only when the test says so."""

from dataclasses import dataclass
from uuid import uuid4

from redis.asyncio import Redis

from limner.bus.publish import Bus
from limner.domain.estimate import Estimate
from limner.domain.generation import Request, Taken
from limner.domain.image import Image
from limner.domain.plot import LOCAL_OWNER
from limner.domain.transition import Transition
from limner.store.claims import Claims
from limner.store.database import Database
from limner.store.ledger import Ledger
from stage.author import Author
from stage.process import Process

PICTURE = Image("ab" * 32, "png", "image/png", 64, 64, 1234, "cd" * 32 + ".webp")
"""What is drawn by hand: only its row exists."""


@dataclass(frozen=True)
class Hand:
    """Writes into the ledger past every process of Limner."""

    database: Database
    bus: Bus

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    async def accept(self, character_id: str) -> Transition:
        """nothing → pending."""
        accepted = await self.ledger.accept(
            character_id,
            LOCAL_OWNER,
            Request(),
            provider="blank",
            model="square",
            stated=Estimate(0, 0),
            max_attempts=3,
            deadline_seconds=600,
        )
        assert accepted.begun
        return accepted.transition

    async def take(self, task_id: str) -> Taken:
        """pending → generating."""
        taken = await self.ledger.take(task_id, token=str(uuid4()), lease_seconds=600)
        assert taken is not None
        return taken

    async def complete(self, taken: Taken) -> Transition:
        """generating → completed."""
        transition = await self.ledger.complete(
            taken.transition.task_id,
            await Claims(self.database).claim(PICTURE, hold_seconds=600),
            token=taken.token,
            model="square",
            move=str(uuid4()),
        )
        assert transition is not None
        return transition

    async def draw(self, character_id: str) -> list[Transition]:
        """A whole generation, of which nobody is told."""
        pending = await self.accept(character_id)
        taken = await self.take(pending.task_id)
        return [pending, taken.transition, await self.complete(taken)]

    async def tell(self, *transitions: Transition) -> None:
        """Publish transitions in this order."""
        for transition in transitions:
            assert await self.bus.status(transition)


@dataclass(frozen=True)
class Site:
    """The API of all tests of streams, and what stands behind it."""

    env: dict[str, str]
    process: Process
    author: Author
    hand: Hand
    redis: "Redis"
