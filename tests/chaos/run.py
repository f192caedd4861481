"""One run: chaos, then calm, then the reckoning."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from chaos.authors import Authors
from chaos.faults import carry_out, plan_of, struck
from chaos.readers import Poller, Setting, Watcher, assembled
from chaos.records import Blow, Records
from chaos.truth import Truth, newest_numbers, read_journal, read_truth
from chaos.world import World, open_world

FINAL_SECONDS = 45.0
"""From the end of the last fault until everything is final: two attempts may be lost by then, and
a queue takes its time to notice that it was frozen."""
HELD_SECONDS = 7.0
"""From then on until every reader has everything: the promise is 5 s, on an idle machine."""
LOOK_SECONDS = 0.2
LAST_WORDS = "Valkey away at the end"
KEPT_ALIVE_SECONDS = 2
"""How long a connection is kept: for less than a server does, which closes it after 5."""


@dataclass(frozen=True)
class Plan:
    """How large a run is."""

    seed: int
    seconds: float
    """How long there is chaos."""
    generations: int
    readers: int
    plots: int = 12
    characters: int = 6
    """Of each plot, in the beginning."""

    @property
    def bound_seconds(self) -> float:
        """How long it may take altogether, whatever hangs."""
        return self.seconds + FINAL_SECONDS + HELD_SECONDS + 180


@dataclass
class Outcome:
    """What a run left behind."""

    records: Records
    truth: Truth
    accepted: set[str]
    calm_seconds: float
    """From the end of the last fault until everything was final, as far as it became so."""
    tracebacks: list[str]


async def play(plan: Plan, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Play it out in a folder of its own."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_world(folder))
        stack.callback(world.keep_logs)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            )
        )
        return await _Run(plan, world, session, tell).outcome()


class _Run:
    """Everybody who takes part."""

    def __init__(
        self,
        plan: Plan,
        world: World,
        session: aiohttp.ClientSession,
        tell: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._world = world
        self._session = session
        self._tell = tell
        self._records = Records()
        self._calm = asyncio.Event()
        chance = random.Random(plan.seed)  # noqa: S311 - it is meant to be repeated
        self._authors = Authors(session, world.addresses, plan.seconds, plan.generations, chance)
        self._setting = Setting(session, world.addresses, chance, self._calm)
        self._readers: list[Watcher | Poller] = []
        self._began = 0.0

    async def outcome(self) -> Outcome:
        """Play, and collect what everybody wrote down."""
        await self._authors.found(self._plan.plots, self._plan.characters)
        characters = {plot: list(own) for plot, own in self._authors.characters.items()}
        self._readers = assembled(self._setting, self._plan.readers, characters)
        self._began = time.time()
        async with asyncio.TaskGroup() as group:
            watching = [
                group.create_task(reader.run(), name=reader.name) for reader in self._readers
            ]
            working = group.create_task(self._authors.work(), name="authors")
            strikes = plan_of(self._plan.seed, self._plan.seconds)
            await carry_out(strikes, self._world, self._records.blows, self._tell_of)
            calm_seconds = await self._come_to_rest(working)
            for task in [*watching, working]:
                task.cancel()
        self._tell(f"{self._elapsed()}  reading the tables, {self._counts()}")
        truth = await read_truth(
            self._world.postgres.server.url, self._session, self._world.addresses[0]
        )
        truth.pictures = read_journal(self._world.journal)
        self._collect()
        return Outcome(
            self._records, truth, self._authors.accepted, calm_seconds, self._world.tracebacks()
        )

    async def _come_to_rest(self, working: asyncio.Task[None]) -> float:
        """Wait until all is final and everybody has everything, or time is up; the seconds."""
        self._calm.set()
        self._tell(f"{self._elapsed()}  calm, {self._counts()}")
        began = time.time()
        await self._until_final(working)
        calm_seconds = time.time() - began
        if not working.done():
            self._records.mishaps.append("Not all could be begun, although all was calm.")
            return calm_seconds
        await self._have_last_words()
        newest = await self._until_final(working)
        until = time.time() + HELD_SECONDS
        while time.time() < until and not self._hold_all(newest):  # noqa: ASYNC110 - no news
            await asyncio.sleep(LOOK_SECONDS)
        return calm_seconds

    async def _until_final(self, working: asyncio.Task[None]) -> dict[str, int]:
        """The newest numbers when all is final, or when time is up."""
        until = time.time() + FINAL_SECONDS
        while True:
            unfinished, newest = await newest_numbers(self._world.postgres.server.url)
            if time.time() > until or (working.done() and not unfinished):
                return newest
            await asyncio.sleep(LOOK_SECONDS)

    async def _have_last_words(self) -> None:
        """Something happens in every plot while Valkey is away, and then nothing any more.

        Nobody tells of it, and nothing follows by which it would be noticed: it must be looked for.
        """
        valkey = self._world.valkey
        async with struck(valkey, LAST_WORDS, self._records.blows) as blow:
            await valkey.server.kill()
            try:
                async with asyncio.timeout(FINAL_SECONDS):
                    await self._authors.have_last_words()
            finally:
                await valkey.server.start()
        self._tell_of(blow)

    def _hold_all(self, newest: dict[str, int]) -> bool:
        return all(
            reader.holds(newest.get(reader.character_id or reader.plot_id, 0))
            for reader in self._readers
        )

    def _collect(self) -> None:
        records = self._records
        for reader in self._readers:
            if isinstance(reader, Watcher):
                records.connections += reader.connections
            else:
                records.looks += reader.looks
        records.asks = self._authors.asks
        records.mishaps += self._world.mishaps

    def _tell_of(self, blow: Blow) -> None:
        assert blow.ended is not None
        name = f"{blow.kind} ({blow.victim})" if blow.victim[-1].isdigit() else blow.kind
        seconds = f"{blow.ended - blow.began:.1f} s"
        self._tell(f"{self._elapsed()}  {name:<36} {seconds:>7}   {self._counts()}")

    def _counts(self) -> str:
        final = {
            sighting.data
            for reader in self._readers
            if isinstance(reader, Watcher)
            for connection in reader.connections
            for sighting in connection.sightings
            if '"finished_at":"' in sighting.data
        }
        connected = sum(isinstance(each, Watcher) and each.is_connected for each in self._readers)
        return (
            f"accepted {len(self._authors.accepted)}, seen to be final {len(final)},"
            f" streams open {connected}"
        )

    def _elapsed(self) -> str:
        return f"{time.time() - self._began:6.1f} s"
