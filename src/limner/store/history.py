"""Reading what happened: snapshots, replay, polling. Nothing here writes."""

from dataclasses import dataclass

from limner.domain.errors import NotFoundError
from limner.domain.image import Image
from limner.domain.transition import Transition
from limner.store.database import Database
from limner.store.records import image_of, transition_of
from limner.store.statements import statements


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A plot at one instant."""

    seq: int
    """Everything up to this number is contained; nothing at or below it is still to come."""
    newest: list[Transition]
    """The newest transition of each character that was ever drawn, in order of seq."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poller is told of a character."""

    character_id: str
    plot_id: str
    plot_seq: int
    """The newest number of the plot in the same instant."""
    transition: Transition | None
    """None while the character was never drawn."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character's generation stands in the queue."""

    character_id: str
    task_id: str
    position: int
    """How many were handed to the queue before it and still wait; 0 is next."""


@dataclass(frozen=True, slots=True)
class PlotQueue:
    """Who of a plot waits in the queue."""

    seq: int
    """The number of the plot's newest transition at that instant."""
    places: list[Place]


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

    async def snapshot(self, plot_id: str) -> Snapshot:
        """A plot's number and its characters' newest transitions, of the same instant.

        Raises:
            NotFoundError: there is no such plot.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows("snapshot", connection, plot_id=plot_id)
        if not rows:
            raise NotFoundError("There is no such plot.")
        return Snapshot(rows[0]["plot_seq"], [transition_of(row) for row in rows if row["status"]])

    async def replay(self, plot_id: str, *, after: int, count: int) -> list[Transition]:
        """What happened in a plot after the number `after`, in order, at most `count` of it."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows(
                "replay", connection, plot_id=plot_id, after=after, count=count
            )
        return [transition_of(row) for row in rows]

    async def newest_seqs(self, plot_ids: list[str]) -> dict[str, int]:
        """The newest number of each of these plots; a plot that is gone is left out."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("newest_seqs", connection, plot_ids=plot_ids)
        return {row["plot_id"]: row["seq"] for row in rows}

    async def gone(self, character_ids: list[str]) -> set[str]:
        """Which of these characters are there no more."""
        async with self._database.connection() as connection:
            rows = await self._sql.rows("gone_characters", connection, character_ids=character_ids)
        return {row["id"] for row in rows}

    async def waiting(self, plot_ids: list[str]) -> dict[str, PlotQueue]:
        """Who of these plots waits in the queue, and where; a plot that is gone is left out.

        All is of the same instant. A generation whose attempt was lost, or that the queue had
        forgotten, stands where it was handed over again. While the queue holds it back before its
        next attempt others may overtake it: a place says who came before, and promises no time.
        """
        async with self._database.connection() as connection:
            rows = await self._sql.rows("queue_places", connection, plot_ids=plot_ids)
        found: dict[str, PlotQueue] = {}
        for row in rows:
            waiting = found.setdefault(row["plot_id"], PlotQueue(row["plot_seq"], []))
            if row["generation_id"] is not None:
                waiting.places.append(
                    Place(row["character_id"], row["generation_id"], row["position"])
                )
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
