"""What was seen of a generation, and what the rows say: the two must be the same."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import asyncpg

from faults.mortals import Mortal, Mortals
from faults.story import FINAL, ids, statuses
from stage.process import BOUND_SECONDS
from stage.reader import Event, watching

FROM_THE_FIRST = "0"
"""Who has seen nothing yet wants all: without an id there would be only the newest status."""


@dataclass(eq=False)
class Witness:
    """A reader of a plot's stream who comes back, with what was seen last, as browsers do."""

    api: Mortal
    plot_id: str
    events: list[Event] = field(default_factory=list)
    returns: int = -1
    """How often the connection was lost and made again."""
    is_quiet: bool = False
    """Whether nothing has come for the time of a heartbeat since the newest status."""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> None:
        """Watch for as long as the task lives."""
        while True:
            await self.api.is_up.wait()
            try:
                await self._watch(self.events[-1].id if self.events else FROM_THE_FIRST)
            except (EOFError, aiohttp.ClientError):
                continue

    async def until(self, is_enough: Callable[["Witness"], bool]) -> None:
        """Wait until enough was seen."""
        async with asyncio.timeout(BOUND_SECONDS), self._news:
            await self._news.wait_for(lambda: is_enough(self))

    async def _watch(self, last_id: str) -> None:
        path = f"/api/plots/{self.plot_id}/events"
        async with watching(self.api.author.session, path, last_event_id=last_id) as stream:
            await stream.greeted()
            async with self._news:
                self.returns += 1
                self._news.notify_all()
            is_first = True
            while True:
                event = await stream.find(lambda event: event.name in {"status", "heartbeat"})
                async with self._news:
                    # Who is told nothing at the opening gets a heartbeat at once.
                    self.is_quiet = event.name == "heartbeat" and not is_first
                    is_first = False
                    if event.name == "status":
                        self.events.append(event)
                    self._news.notify_all()


@dataclass(eq=False)
class Case:
    """One character whose image is asked for, and two witnesses since before that."""

    mortals: Mortals
    plot_id: str
    character_id: str
    near: Witness
    far: Witness

    async def ends(self, *expected: str, attempts: int = 1) -> None:
        """Wait for the end; the rows, the file, the polling and both witnesses must agree on it."""
        final = await self.final(*expected)
        await self._is_written(list(expected), attempts)
        await self._is_readable(final)

    async def final(self, *expected: str) -> dict[str, object]:
        """Wait for the end, whichever; the polling and both witnesses must agree on it."""
        for witness in (self.near, self.far):
            await witness.until(lambda seen: _is_over(seen.events) and seen.is_quiet)
            assert statuses(witness.events) == list(expected)
            assert ids(witness.events) == list(range(1, len(expected) + 1))
        assert self.far.returns == 0
        assert [event.json for event in self.near.events] == [
            event.json for event in self.far.events
        ]
        final = self.far.events[-1].json
        assert await self.mortals.near.author.status(self.character_id) == final
        return final

    async def task_ids(self) -> list[str]:
        """The ids of all generations that there are of this character."""
        query = "SELECT id FROM generations WHERE character_id = $1"
        return [str(row["id"]) for row in await self._rows(query, self.character_id)]

    async def ask(self, prompt: str | None = None, **more: str) -> int:
        """Ask for the image; the answer's status code."""
        path = f"/api/characters/{self.character_id}/image"
        body = None if prompt is None else {"prompt": prompt, **more}
        return (await self.mortals.near.author.ask("POST", path, body)).status

    async def _is_written(self, expected: list[str], attempts: int) -> None:
        (generation,) = await self._rows(
            "SELECT * FROM generations WHERE character_id = $1", self.character_id
        )
        transitions = await self._rows(
            "SELECT * FROM transitions WHERE plot_id = $1 ORDER BY seq", self.plot_id
        )
        assert (generation["status"], generation["attempt"]) == ("completed", attempts)
        assert generation["lease_until"] is None
        assert {row["generation_id"] for row in transitions} == {generation["id"]}
        assert [row["seq"] for row in transitions] == list(range(1, len(expected) + 1))
        assert [row["status"] for row in transitions] == expected
        assert [row["previous"] for row in transitions] == [None, *expected[:-1]]
        (image,) = await self._rows("SELECT * FROM images WHERE sha256 = $1", generation["image"])
        assert image["sha256"] == transitions[-1]["image"]

    async def _is_readable(self, final: dict[str, object]) -> None:
        got = await self.mortals.far.author.ask("GET", str(final["image_url"]))
        metadata = final["metadata"]
        assert isinstance(metadata, dict)
        assert got.status == 200
        assert hashlib.sha256(got.raw).hexdigest() == metadata["image"]["sha256"]

    async def _rows(self, query: str, value: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.mortals.postgres.url)
        try:
            return await connection.fetch(query, value)
        finally:
            await connection.close()


@asynccontextmanager
async def case(mortals: Mortals, name: str = "Dursley") -> AsyncIterator[Case]:
    """A story of one character, watched at both APIs for as long as the block runs."""
    plot_id = await mortals.far.author.plot()
    character_id = await mortals.far.author.character(plot_id, name)
    near, far = Witness(mortals.near, plot_id), Witness(mortals.far, plot_id)
    watches = [
        asyncio.create_task(near.run(), name="near witness"),
        asyncio.create_task(far.run(), name="far witness"),
    ]
    try:
        for witness in (near, far):
            await witness.until(lambda seen: seen.returns == 0)
        yield Case(mortals, plot_id, character_id, near, far)
        assert not [watch for watch in watches if watch.done()]
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


def _is_over(events: list[Event]) -> bool:
    return bool(events) and events[-1].json["status"] in FINAL
