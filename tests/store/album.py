"""Images with real files, and a sweep: what retention is tested with."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from limner.domain.image import Image
from limner.flows.retain import Retain
from limner.images.folder import FolderStore
from limner.images.inspect import Inspected
from limner.store.claims import Claims
from limner.store.database import Database
from limner.store.retention import Retention
from store.story import MINUTES, Story, fresh

PASSED = "UPDATE images SET check_at = clock_timestamp() WHERE check_at IS NOT NULL"
"""So much time passes that every claim runs out."""


def drawing_of(content: str, *, thumbnail: str | None = None, extension: str = "png") -> Inspected:
    """Something drawn, whose thumbnail is made of other content."""
    data, small = content.encode(), (thumbnail or f"small {content}").encode()
    name = f"{hashlib.sha256(small).hexdigest()}.webp"
    sha256 = hashlib.sha256(data).hexdigest()
    image = Image(sha256, extension, f"image/{extension}", 64, 32, len(data), name)
    return Inspected(image, data, small)


class GatedStore(FolderStore):
    """A folder in which deletions wait until the gate is opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reached = asyncio.Event()
        self.gate = asyncio.Event()
        self.asked: list[str] = []

    @asynccontextmanager
    async def removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with super().removing(name) as remove:

            async def remove_later() -> None:
                self.asked.append(name)
                self.reached.set()
                await self.gate.wait()
                await remove()

            yield remove_later


@dataclass
class Album:
    """The files of one database's images."""

    database: Database
    folder: Path
    store: FolderStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = FolderStore(self.folder)

    def gated(self) -> GatedStore:
        """The same folder, behind a gate from now on."""
        self.store = GatedStore(self.folder)
        return self.store

    @property
    def files(self) -> set[str]:
        """The names of all that is stored."""
        return self.files_of(self.folder)

    @staticmethod
    def files_of(folder: Path) -> set[str]:
        """The names of all that is in a folder, but for locks."""
        paths = (path for path in folder.rglob("*") if path.parent.name != ".locks")
        return {path.name for path in paths if path.is_file()}

    async def keep(self, drawing: Inspected) -> Image:
        """Claim and store, as a worker does."""
        image = await Claims(self.database).claim(drawing.image, hold_seconds=MINUTES)
        await self.store.put(drawing)
        return image

    async def show(
        self, story: Story, drawing: Inspected, *, character_id: str | None = None
    ) -> str:
        """Draw somebody; whom."""
        character_id = character_id or await story.somebody()
        taken = await story.take((await story.ask(character_id)).transition.task_id)
        image = await self.keep(drawing)
        told = await story.ledger.complete(
            taken.transition.task_id, image, token=taken.token, model="square", move=fresh()
        )
        assert told is not None
        return character_id

    async def time_passes(self) -> None:
        """Whatever is claimed was claimed long ago."""
        await self.rows(PASSED)

    async def sweep(self) -> bool:
        """What every worker does every minute; whether it left something to do."""
        return await Retain(Retention(self.database), self.store)()

    async def swept(self) -> None:
        """Time passes, and everything is done that there is to do."""
        await self.time_passes()
        while await self.sweep():
            pass

    async def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)

    async def known(self) -> dict[str, bool]:
        """Every image that has a row, and whether it is to be looked at."""
        rows = await self.rows("SELECT sha256, check_at IS NOT NULL AS is_due FROM images")
        return {row["sha256"]: row["is_due"] for row in rows}


def names(*drawings: Inspected) -> set[str]:
    """What they are stored under."""
    return {name for each in drawings for name in (each.image.name, each.image.thumbnail)}
