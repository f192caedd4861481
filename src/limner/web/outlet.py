"""Writing to one reader without a task, a queue or a wait in between.

As long as the transport takes bytes, an event is on its way before `write` returns. When its buffer
is full, what comes next is kept here, in order, and goes out as the transport drains. There are two
ways to the reader: past the server, straight to the transport (`direct.py`), and ASGI's `send`,
under a server that is not ours.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from starlette.types import Send

from limner import log
from limner.web.frames import body_of

WAITING_BYTES = 256 * 1024
"""A reader for whom more than this waits is too slow."""

Item = TypeVar("Item")

_log = log.get()


class Outlet(Protocol):
    """The writing end of one streaming response that has begun."""

    sent_bytes: int
    """What was handed on; it may still be on its way to the reader."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be sent."""
        ...

    @property
    def is_stuck(self) -> bool:
        """Whether nothing is taken, as this reader has too much to take already."""
        ...

    @property
    def overfull_since(self) -> float | None:
        """Since when over `WAITING_BYTES` wait, by the event loop's clock; None: they don't."""
        ...

    @property
    def peer(self) -> str:
        """Who reads it, as far as is known, for the log."""
        ...

    def unsent_bytes(self) -> int:
        """What this process still keeps below the outlet; 0 where that can't be known."""
        ...

    def untaken_bytes(self) -> int:
        """What was handed on and the reader has not acknowledged; 0 where that can't be known."""
        ...

    def write(self, frame: bytes) -> None:
        """Send a frame, now or once those before it have gone. After `end`, do nothing."""
        ...

    def end(self) -> None:
        """End the response, properly, when all that waits has gone."""
        ...

    def reset(self) -> None:
        """Send nothing more, not even what waits, and keep nothing of it."""
        ...

    async def drained(self) -> None:
        """Wait until nothing waits."""
        ...


class Backlog(Generic[Item]):
    """What waits for a reader, and since when it is more than that reader is worth."""

    __slots__ = ("_items", "_size_bytes", "overfull_since")

    def __init__(self) -> None:
        self._items: deque[tuple[Item, int]] = deque()
        self._size_bytes = 0
        self.overfull_since: float | None = None

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._items)

    def put(self, item: Item, size_bytes: int) -> None:
        """Keep something for later."""
        self._items.append((item, size_bytes))
        self._size_bytes += size_bytes
        if self.overfull_since is None and self._size_bytes > WAITING_BYTES:
            self.overfull_since = asyncio.get_running_loop().time()

    def take(self) -> tuple[Item, int]:
        """What has waited longest, and its size."""
        item, size_bytes = self._items.popleft()
        self._size_bytes -= size_bytes
        if self._size_bytes <= WAITING_BYTES:
            self.overfull_since = None
        return item, size_bytes


class SendOutlet:
    """An outlet over ASGI: `send` is stepped in place, since as a rule it finishes at once.

    Args:
        send: ASGI's, of this response alone.
    """

    peer = "unknown"

    def __init__(self, send: Send) -> None:
        self.sent_bytes = 0
        self._send = send
        self._stuck: Coroutine[Any, Any, None] | None = None
        self._stuck_bytes = 0
        self._backlog: Backlog[tuple[bytes, bool]] = Backlog()
        self._drained: asyncio.Event | None = None
        self._is_ended = False
        self.is_given_up = asyncio.Event()
        """Set by `reset`: whoever still does something for this reader may stop."""

    @property
    def is_ended(self) -> bool:
        """See `Outlet`."""
        return self._is_ended

    @property
    def is_stuck(self) -> bool:
        """See `Outlet`."""
        return self._stuck is not None

    @property
    def overfull_since(self) -> float | None:
        """See `Outlet`."""
        return self._backlog.overfull_since

    def unsent_bytes(self) -> int:
        """See `Outlet`."""
        return 0

    def untaken_bytes(self) -> int:
        """See `Outlet`: of what the server has taken nothing is known, but that it waits."""
        return 0

    def write(self, frame: bytes) -> None:
        """See `Outlet`."""
        if not self._is_ended:
            self._push(body_of(frame), more=True)

    def end(self) -> None:
        """See `Outlet`."""
        if not self._is_ended:
            self._is_ended = True
            self._push(b"", more=False)

    def reset(self) -> None:
        """See `Outlet`. The body is broken off, and the server has to do what it can."""
        stuck = self._stuck
        self._give_up()
        if stuck is not None:
            stuck.close()
        self.is_given_up.set()

    async def drained(self) -> None:
        """See `Outlet`."""
        if self._stuck is not None:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    def _push(self, data: bytes, *, more: bool) -> None:
        if self._stuck is None:
            self._step(self._sending(data, more=more), len(data))
        else:
            self._backlog.put((data, more), len(data))

    def _sending(self, data: bytes, *, more: bool) -> Coroutine[Any, Any, None]:
        sending: Coroutine[Any, Any, None] = self._send(  # type: ignore[assignment] # not any awaitable
            {"type": "http.response.body", "body": data, "more_body": more}
        )
        return sending

    def _resume(self, sending: Coroutine[Any, Any, None], _done: asyncio.Future[None]) -> None:
        if sending is self._stuck:  # it was given up otherwise
            self._step(sending, self._stuck_bytes)

    def _step(self, sending: Coroutine[Any, Any, None], size_bytes: int) -> None:
        """Run sends until one waits, and go on when what it waits for has come."""
        while True:
            try:
                future: asyncio.Future[None] = sending.send(None)
            except StopIteration:
                self._stuck = None
                self.sent_bytes += size_bytes
            except Exception:  # noqa: BLE001 - whoever has news for many must not fail over one
                _log.exception("Could not write to a stream")
                self._give_up()
                return
            else:
                # as `await` does in a task: take the future it yields, come back when it is done
                future._asyncio_future_blocking = False  # noqa: SLF001 - asyncio's protocol for it
                future.add_done_callback(partial(self._resume, sending))
                self._stuck, self._stuck_bytes = sending, size_bytes
                return
            if not self._backlog:
                self._let_go()
                return
            (data, more), size_bytes = self._backlog.take()
            sending = self._sending(data, more=more)

    def _give_up(self) -> None:
        """This connection takes nothing any more: keep nothing for it."""
        self._is_ended = True
        self._stuck = None
        self._backlog = Backlog()
        self._let_go()

    def _let_go(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None
