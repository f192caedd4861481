"""A reader of event streams, written from the WHATWG standard and not from what Limner sends."""

import asyncio
import codecs
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from stage.process import BOUND_SECONDS


@dataclass(frozen=True)
class Event:
    """One dispatched event."""

    id: str
    """The last event id as it stood when the event was dispatched."""
    name: str
    data: str
    own_id: str | None = None
    """The id that this event itself carried."""

    @property
    def json(self) -> dict[str, object]:
        value = json.loads(self.data)
        assert isinstance(value, dict)
        return value


@dataclass
class Parser:
    """The standard's stream interpretation, fed with bytes in pieces of any size."""

    last_id: str = ""
    retry_ms: int | None = None
    _buffer: str = ""
    _data: list[str] = field(default_factory=list)
    _name: str = ""
    _own_id: str | None = None

    def feed(self, text: str) -> list[Event]:
        """The events that are complete with this piece."""
        self._buffer += text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, self._buffer = self._buffer.split("\n")
        found = []
        for line in lines:
            if line:
                self._field(*line.partition(":")[::2])
            elif (event := self._dispatch()) is not None:
                found.append(event)
        return found

    def _field(self, name: str, value: str) -> None:
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self.last_id = self._own_id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)

    def _dispatch(self) -> Event | None:
        data, name, own_id = self._data, self._name or "message", self._own_id
        self._data, self._name, self._own_id = [], "", None
        if not data:
            return None
        return Event(self.last_id, name, "\n".join(data), own_id)


@dataclass
class Stream:
    """An open event stream."""

    response: aiohttp.ClientResponse
    parser: Parser = field(default_factory=Parser)
    events: list[Event] = field(default_factory=list)
    is_ended: bool = False
    _given: int = 0
    _text: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    async def next(self, name: str = "status") -> Event:
        """The next event of this name; those of others are kept in `events`."""
        return await self.find(lambda event: event.name == name)

    async def find(self, wanted: Callable[[Event], bool]) -> Event:
        """The next event that is wanted, within a bound of time."""
        async with asyncio.timeout(BOUND_SECONDS):
            while True:
                while self._given < len(self.events):
                    event = self.events[self._given]
                    self._given += 1
                    if wanted(event):
                        return event
                if not await self._read():
                    raise EOFError("the stream has ended")

    async def greeted(self) -> int:
        """Wait for the `retry:` with which a stream begins; its milliseconds."""
        async with asyncio.timeout(BOUND_SECONDS):
            while self.parser.retry_ms is None:
                assert await self._read(), "the stream ended without a greeting"
        return self.parser.retry_ms

    async def rest(self) -> list[Event]:
        """All events until the stream ends, from where `next` has come to."""
        async with asyncio.timeout(BOUND_SECONDS):
            while await self._read():
                pass
        rest = self.events[self._given :]
        self._given = len(self.events)
        return rest

    async def _read(self) -> bool:
        chunk = await self.response.content.readany()
        if not chunk and self.response.content.at_eof():
            self.is_ended = True
            return False
        self.events += self.parser.feed(self._text.decode(chunk))
        return True


@asynccontextmanager
async def watching(
    session: aiohttp.ClientSession, path: str, *, last_event_id: int | str | None = None
) -> AsyncIterator[Stream]:
    """An event stream of the session's server, open for as long as the block runs."""
    headers = {"Accept": "text/event-stream"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    async with session.get(path, headers=headers, timeout=timeout) as response:
        yield Stream(response)
