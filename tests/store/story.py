"""A story to test with: a plot of one owner, its characters, and the ledger that moves them."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import Self, TypeAlias
from uuid import uuid4

import asyncpg

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.generation import Accepted, Request, Returned, Taken
from limner.domain.image import Image
from limner.domain.transition import Transition
from limner.store.characters import Characters
from limner.store.claims import Claims
from limner.store.database import Database
from limner.store.history import Ask, History, PlotNow
from limner.store.leases import Leases
from limner.store.ledger import Ledger
from limner.store.plots import Plots

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection past all of our code, as an operator at a prompt has."""

OWNER = "ada"
STATED = Estimate(20, 30)
MINUTES = 600.0
"""Longer than any test."""


def fresh() -> str:
    """A name that nobody has used: a token, or a move's."""
    return str(uuid4())


def image_of(content: str) -> Image:
    """The image that some content would be stored as."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return Image(sha256, "png", "image/png", 64, 32, 1234, f"{sha256[::-1]}.webp")


async def until_one_waits(admin: Admin) -> None:
    """Return once somebody is held up by a lock."""
    while not await admin.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass


@dataclass(frozen=True)
class Story:
    """One plot, and all that can be done in it."""

    database: Database
    plot_id: str
    owner: str = OWNER
    _names: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    async def begun(cls, database: Database, owner: str = OWNER) -> Self:
        """A story with nobody in it yet."""
        plot = await Plots(database).add(owner, title="The Lighthouse", style="watercolour")
        return cls(database, plot.id, owner)

    @property
    def plots(self) -> Plots:
        return Plots(self.database)

    @property
    def characters(self) -> Characters:
        return Characters(self.database)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    @property
    def leases(self) -> Leases:
        return Leases(self.database)

    @property
    def history(self) -> History:
        return History(self.database)

    async def somebody(self) -> str:
        """A new character; its id."""
        name = f"Mara {next(self._names)}"
        character = await self.characters.add(
            self.plot_id, self.owner, name=name, description="a keeper of lights"
        )
        return character.id

    async def ask(
        self,
        character_id: str,
        *,
        request: Request | None = None,
        max_attempts: int = 3,
        deadline_seconds: float = MINUTES,
        model: str = "square",
    ) -> Accepted:
        """Ask for an image."""
        return await self.ledger.accept(
            character_id,
            self.owner,
            request or Request(),
            provider="blank",
            model=model,
            stated=STATED,
            max_attempts=max_attempts,
            deadline_seconds=deadline_seconds,
        )

    async def waiting(self, *, max_attempts: int = 3, deadline_seconds: float = MINUTES) -> str:
        """The id of a generation of somebody new that is pending."""
        accepted = await self.ask(
            await self.somebody(), max_attempts=max_attempts, deadline_seconds=deadline_seconds
        )
        return accepted.transition.task_id

    async def taken(self, *, max_attempts: int = 3) -> Taken:
        """A generation of somebody new that is generating."""
        return await self.take(await self.waiting(max_attempts=max_attempts))

    async def take(self, task_id: str) -> Taken:
        """Take what is known to wait."""
        taken = await self.ledger.take(task_id, token=fresh(), lease_seconds=MINUTES)
        assert taken is not None
        return taken

    async def claim(self, content: str = "a face") -> Image:
        """The image of some content, claimed as by somebody who is about to store it."""
        return await Claims(self.database).claim(image_of(content), hold_seconds=MINUTES)

    async def complete(self, taken: Taken, *, content: str = "a face") -> Transition | None:
        return await self.ledger.complete(
            taken.transition.task_id,
            await self.claim(content),
            token=taken.token,
            model=taken.transition.model,
            move=fresh(),
        )

    async def fail(self, taken: Taken) -> Transition | None:
        return await self.ledger.fail(
            taken.transition.task_id,
            token=taken.token,
            code=ErrorCode.CONTENT_POLICY,
            error="The provider will not draw this.",
            move=fresh(),
        )

    async def give_back(self, taken: Taken, *, reason: str = "It was busy.") -> Returned | None:
        return await self.ledger.give_back(
            taken.transition.task_id, token=taken.token, reason=reason, move=fresh()
        )

    async def draw_all(self, people: list[str], *, hands: int) -> None:
        """Draw them, so many at once; with few, whoever looks meanwhile has its turn among them."""

        async def draw(some: list[str]) -> None:
            for character_id in some:
                await self.drawn(character_id)

        await asyncio.gather(*(draw(people[first::hands]) for first in range(hands)))

    async def drawn(self, character_id: str | None = None, *, content: str = "a face") -> str:
        """The id of a generation that is completed."""
        accepted = await self.ask(character_id or await self.somebody())
        task_id = accepted.transition.task_id
        assert await self.complete(await self.take(task_id), content=content)
        return task_id

    async def told(self) -> list[Transition]:
        """Every transition of the story."""
        return await self.history.replay(self.plot_id, after=0, count=10_000)

    async def now(self, after: int | None = None, *, count: int = 10_000) -> PlotNow | None:
        """What a reader of the story begins with; None when it is gone."""
        (now,) = await self.history.openings([Ask(self.plot_id, after)], count=count)
        return now

    async def moves(self) -> list[tuple[int, str | None, str]]:
        """Every transition of the story, as seq, previous and status."""
        return [(told.seq, told.previous, told.status) for told in await self.told()]

    async def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """What the database answers to any SQL."""
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)
