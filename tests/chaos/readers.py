"""Who watches: streams that drop and resume as a browser's do, and pollers. All is written down."""

import asyncio
import codecs
import json
import random
import time
from dataclasses import dataclass, field

import aiohttp

from chaos.records import Connection, Look, Sighting
from stage.reader import Parser

STAY_SECONDS = (2.0, 8.0, 60.0)
"""How long a reader stays before it drops its connection, on average: some are patient."""
DROPPED_SECONDS = 0.5
"""How long, at most, it then stays away."""
REFUSED_MS = 1000
"""After a refused connection, before any `retry:` has come."""
CALM_SECONDS = 0.2
"""The wait before a reconnect when all is calm."""
LOOK_SECONDS = (0.2, 1.0)
PREFERENCE = "wait=2"
ANSWER_SECONDS = 9.0


@dataclass
class Setting:
    """What all readers have in common."""

    session: aiohttp.ClientSession
    addresses: list[str]
    chance: random.Random
    calm: asyncio.Event
    """From now on nobody drops."""

    def address(self) -> str:
        return self.chance.choice(self.addresses)

    async def wait(self, seconds: float) -> None:
        """Wait, but not while all is calm."""
        try:
            async with asyncio.timeout(seconds):
                await self.calm.wait()
        except TimeoutError:
            return
        await asyncio.sleep(min(CALM_SECONDS, seconds))


@dataclass
class Watcher:
    """A reader of one stream.

    Args:
        name: whom to blame.
        plot_id: which plot it is about.
        character_id: whose stream it reads; None for that of the whole plot.
        is_forgetful: it never sends Last-Event-ID, as a page that is loaded anew.
        stay_seconds: how long it stays, on average.
    """

    setting: Setting
    name: str
    plot_id: str
    character_id: str | None
    is_forgetful: bool
    stay_seconds: float
    connections: list[Connection] = field(default_factory=list)
    last_id: str = ""
    is_connected: bool = False

    async def run(self) -> None:
        """Read, drop and resume until cancelled, or until there is nothing to read any more."""
        while True:
            connection = await self._connect()
            if connection.status == 404:
                return
            await self.setting.wait(self._pause_seconds(connection))

    def holds(self, seq: int) -> bool:
        """Whether it has got this number, or one after it."""
        return int(self.last_id or 0) >= seq

    def _pause_seconds(self, connection: Connection) -> float:
        if connection.ending == "dropped":
            return self.setting.chance.uniform(0, DROPPED_SECONDS)
        return (connection.retry_ms or REFUSED_MS) / 1000

    async def _connect(self) -> Connection:
        if self.is_forgetful:
            self.last_id = ""
        after = int(self.last_id) if self.last_id else None
        connection = Connection(self.name, self.plot_id, self.character_id, after, time.time())
        self.connections.append(connection)
        stay = self.setting.chance.expovariate(1 / self.stay_seconds)
        try:
            async with asyncio.timeout(None if self.setting.calm.is_set() else stay):
                await self._read(connection)
            connection.ending = "ended by the server"
        except TimeoutError:
            connection.ending = "dropped"
        except (aiohttp.ClientError, OSError) as error:
            connection.ending = f"cut: {type(error).__name__}"
        finally:
            self.is_connected = False
            connection.closed = time.time()
        return connection

    async def _read(self, connection: Connection) -> None:
        path = f"plots/{self.plot_id}/events"
        if self.character_id is not None:
            path = f"characters/{self.character_id}/image/events"
        headers = {} if connection.after is None else {"Last-Event-ID": str(connection.after)}
        url = f"{self.setting.address()}/api/{path}"
        async with self.setting.session.get(url, headers=headers) as response:
            connection.status = response.status
            self.is_connected = response.status == 200
            parser, text = Parser(), codecs.getincrementaldecoder("utf-8")()
            async for chunk in response.content.iter_any():
                arrived = time.time()
                events = parser.feed(text.decode(chunk))
                connection.retry_ms = parser.retry_ms
                if connection.greeted is None and parser.retry_ms is not None:
                    connection.greeted = arrived
                for event in events:
                    if event.name == "status":
                        sighting = Sighting(arrived, event.own_id, event.data)
                        connection.sightings.append(sighting)
                self.last_id = parser.last_id or self.last_id


@dataclass
class Poller:
    """A reader that asks again and again.

    Args:
        is_patient: it lets the server wait until there is something new.
    """

    setting: Setting
    name: str
    plot_id: str
    character_id: str
    is_patient: bool
    looks: list[Look] = field(default_factory=list)
    etag: str = ""

    async def run(self) -> None:
        """Look until cancelled, or until the character is gone."""
        status: int | None = None
        while status != 404:
            status = await self._look()
            await asyncio.sleep(self.setting.chance.uniform(*LOOK_SECONDS))

    def holds(self, seq: int) -> bool:
        """Whether it has got this number, or one after it."""
        seen = [look for look in self.looks if look.status == 200]
        return bool(seen) and (json.loads(seen[-1].body)["seq"] or 0) >= seq

    async def _look(self) -> int | None:
        opened = time.time()
        url = f"{self.setting.address()}/api/characters/{self.character_id}/image/status"
        headers = {"Prefer": PREFERENCE} if self.is_patient else {}
        if self.is_patient and self.etag:
            headers["If-None-Match"] = self.etag
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self.setting.session.get(url, headers=headers) as answer,
            ):
                body = await answer.text()
        except (aiohttp.ClientError, OSError):
            return None
        look = Look(self.name, self.character_id, opened, time.time(), answer.status, body)
        self.looks.append(look)
        self.etag = answer.headers.get("ETag", "")
        return answer.status


def assembled(
    setting: Setting, count: int, characters: dict[str, list[str]]
) -> list[Watcher | Poller]:
    """So many readers of these plots.

    Of twenty, eleven of a plot and four of a character resume, two and one forget, and two poll.
    """
    readers: list[Watcher | Poller] = []
    plots = list(characters)
    for number in range(count):
        plot_id = plots[number % len(plots)]
        character_id = setting.chance.choice(characters[plot_id])
        stay_seconds = setting.chance.choice(STAY_SECONDS)
        if (kind := number % 20) >= 18:
            name = f"poller {number}"
            readers.append(Poller(setting, name, plot_id, character_id, is_patient=kind == 19))
            continue
        of_character = kind in {11, 12, 13, 14, 17}
        is_forgetful = kind in {15, 16, 17}
        name = (
            f"{'forgetful ' * is_forgetful}reader {number}"
            f" of a {'character' if of_character else 'plot'}"
        )
        whose = character_id if of_character else None
        readers.append(Watcher(setting, name, plot_id, whose, is_forgetful, stay_seconds))
    return readers
