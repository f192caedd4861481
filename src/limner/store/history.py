"""Reading what happened: snapshots, replay, polling. Nothing here writes."""

import asyncio
from dataclasses import dataclass

from limner.domain.errors import NotFoundError
from limner.domain.image import Image
from limner.domain.queue import Place, PlotQueue
from limner.domain.transition import Transition
from limner.store.database import Database
from limner.store.records import image_of, transition_of
from limner.store.statements import statements

READ_AT_ONCE = 50
"""After so many rows others have their turn."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a plot."""

    plot_id: str
    after: int | None
    """The number after which to read on; None, or one that the plot has not come to: a snapshot."""


@dataclass(frozen=True, slots=True)
class PlotNow:
    """A plot at one instant: the newest of each character, or what came after a number."""

    owner: str
    seq: int
    """The number of its newest transition; nothing at or below it is still to come."""
    is_snapshot: bool
    """Whether these are the newest transitions of each character that was ever drawn."""
    transitions: list[Transition]
    """In order of seq."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poller is told of a character."""

    character_id: str
    plot_id: str
    plot_seq: int
    """The newest number of the plot in the same instant."""
    transition: Transition | None
    """None while the character was never drawn."""


class History:
    """Past and present of plots and generations."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def poll(self, character_id: str, owner: str) -> Polled:
        """Where a character's newest generation stands.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "polled_status", connection, character_id=character_id, owner=owner
            )
        if not rows:
            raise NotFoundError("There is no such character.")
        row = rows[0]
        return Polled(
            row["asked_character_id"],
            row["asked_plot_id"],
            row["asked_plot_seq"],
            transition_of(row) if row["status"] else None,
        )

    async def plot_of(self, character_id: str, owner: str) -> str:
        """The plot a character is in.

        Raises:
            NotFoundError: this owner has no such character.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row(
                "plot_of_character", connection, character_id=character_id, owner=owner
            )
        if row is None:
            raise NotFoundError("There is no such character.")
        return str(row["plot_id"])

    async def plot_seq(self, plot_id: str, owner: str) -> int:
        """The number of a plot's newest transition; 0 before the first.

        Raises:
            NotFoundError: this owner has no such plot.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row("plot_seq", connection, plot_id=plot_id, owner=owner)
        if row is None:
            raise NotFoundError("There is no such plot.")
        return int(row["seq"])

    async def openings(self, asks: list[Ask], *, count: int) -> list[PlotNow | None]:
        """What readers of plots begin with, of the same instant, in one question.

        Args:
            asks: of which plots; a plot may be asked several things.
            count: how many transitions to read of each, at most.

        Returns:
            As many as were asked, in their order; None for a plot that there is not.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "openings",
                connection,
                asked=",".join(
                    f"{ask.plot_id} {'' if ask.after is None else ask.after}" for ask in asks
                ),
                count=count,
            )
        found: list[PlotNow | None] = [None] * len(asks)
        for number, row in enumerate(rows, start=1):
            if number % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            place = row["place"] - 1
            now = found[place]
            if now is None:
                now = PlotNow(row["plot_owner"], row["plot_seq"], row["is_snapshot"], [])
                found[place] = now
            if row["status"]:
                now.transitions.append(transition_of(row))
        return found

    async def replay(self, plot_id: str, *, after: int, count: int) -> list[Transition]:
        """What happened in a plot after the number `after`, in order, at most `count` of it."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "replay", connection, plot_id=plot_id, after=after, count=count
            )
        return [transition_of(row) for row in rows]

    async def strayed(self, heads: dict[str, int]) -> dict[str, int | None]:
        """Of these plots, those whose newest number is another than the one given here.

        Thousands are asked for every two seconds, and as a rule all are where they should be: they
        go as two texts, which cost nothing to make, and no row comes back.

        Returns:
            By the plots' ids the newest numbers; None for a plot that is gone.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "strayed_plots",
                connection,
                plot_ids=",".join(heads),
                heads=",".join(map(str, heads.values())),
            )
        return {row["plot_id"]: row["seq"] for row in rows}

    async def gone(self, character_ids: list[str]) -> set[str]:
        """Which of these characters are there no more."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("gone_characters", connection, character_ids=character_ids)
        return {row["id"] for row in rows}

    async def waiting(self, heads: dict[str, int]) -> dict[str, PlotQueue]:
        """Who of these plots waits in the queue, and where; a plot that is gone is left out.

        All is of the same instant. A generation whose attempt was lost, or that the queue had
        forgotten, stands where it was handed over again. While the queue holds it back before its
        next attempt others may overtake it: a place says who came before, and promises no time.

        Args:
            heads: the plots, with the numbers that they are thought to have come to. One that has,
                and in which nobody waits, costs no row.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "queue_places",
                connection,
                watched=",".join(f"{plot_id} {head}" for plot_id, head in heads.items()),
            )
        found = {plot_id: PlotQueue(head, []) for plot_id, head in heads.items()}
        for number, row in enumerate(rows, start=1):
            if number % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            plot_id = row["plot_id"]
            if row["plot_seq"] is None:
                del found[plot_id]
                continue
            if row["plot_seq"] != found[plot_id].seq:
                found[plot_id] = PlotQueue(row["plot_seq"], [])
            if row["generation_id"] is not None:
                place = Place(row["character_id"], row["generation_id"], row["position"])
                found[plot_id].places.append(place)
        return found

    async def of_character(
        self, character_id: str, owner: str, *, before: int | None, count: int
    ) -> list[Transition]:
        """The newest transition of each of a character's generations, newest generation first."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "generation_history",
                connection,
                character_id=character_id,
                owner=owner,
                before_seq=before,
                count=count,
            )
        return [transition_of(row) for row in rows]

    async def of_generation(self, task_id: str, owner: str) -> list[Transition]:
        """All transitions of a generation, in order.

        Raises:
            NotFoundError: this owner has no such generation.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "generation_transitions", connection, generation_id=task_id, owner=owner
            )
        if not rows:
            raise NotFoundError("There is no such generation.")
        return [transition_of(row) for row in rows]

    async def image(self, name: str, owner: str) -> Image:
        """The image that is stored under a name, or whose thumbnail is.

        Raises:
            NotFoundError: there is none, or none that this owner may see.
        """
        async with self._database.connection() as connection:
            row = await self._sql.row("owned_image", connection, name=name, owner=owner)
        if row is None:
            raise NotFoundError("There is no such image.")
        return image_of(row)
