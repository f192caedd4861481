"""Writing to one reader without a task, a queue or a wait in between.

An ASGI `send` only waits when the transport's buffer is full. So it is stepped in place: as a rule
it finishes at once, and the event is on its way before `write` returns. When it does wait, what
comes next is kept here, in order, and goes out as the transport drains. Measured with 2,000 streams
this costs 15 KiB a stream where a task with a queue costs 20, and halves the time of a fan-out.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from functools import partial
from typing import Any

from starlette.types import Send

from limner import log

WAITING_BYTES = 256 * 1024
"""A reader for whom more than this waits is too slow."""

_log = log.get()


class Outlet:
    """The writing end of one streaming response that has begun.

    Args:
        send: ASGI's, of this response alone.
    """

    __slots__ = (
        "_drained",
        "_is_ended",
        "_overfull_since",
        "_send",
        "_stuck",
        "_stuck_bytes",
        "_waiting",
        "_waiting_bytes",
        "sent_bytes",
    )

    def __init__(self, send: Send) -> None:
        self.sent_bytes = 0
        """What the server has taken; it may still be on its way to the reader."""
        self._send = send
        self._stuck_bytes = 0
        self._overfull_since: float | None = None
        self._stuck: Coroutine[Any, Any, None] | None = None
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._drained: asyncio.Event | None = None
        self._is_ended = False

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be sent."""
        return self._is_ended

    @property
    def is_overfull(self) -> bool:
        """Whether more waits for this reader than it is worth keeping."""
        return self._waiting_bytes > WAITING_BYTES

    @property
    def overfull_since(self) -> float | None:
        """Since when it is overfull without a pause, by the event loop's clock; None: it is not."""
        return self._overfull_since

    @property
    def is_stuck(self) -> bool:
        """Whether the server takes nothing, as this reader has too much to take already."""
        return self._stuck is not None

    def write(self, data: bytes) -> None:
        """Send bytes, now or as soon as those before them have gone. After `end`, do nothing."""
        if not self._is_ended:
            self._push(data, more=True)

    def end(self) -> None:
        """End the body, after what still waits."""
        if not self._is_ended:
            self._is_ended = True
            self._push(b"", more=False)

    def abandon(self) -> None:
        """Send nothing more, not even what waits, and keep nothing of it."""
        stuck = self._stuck
        self._give_up()
        if stuck is not None:
            stuck.close()

    async def drained(self) -> None:
        """Wait until nothing waits."""
        if self._stuck is not None:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    def _push(self, data: bytes, *, more: bool) -> None:
        if self._stuck is None:
            self._step(self._sending(data, more=more), len(data))
        else:
            self._waiting.append((data, more))
            self._waiting_bytes += len(data)
            if self._overfull_since is None and self.is_overfull:
                self._overfull_since = asyncio.get_running_loop().time()

    def _sending(self, data: bytes, *, more: bool) -> Coroutine[Any, Any, None]:
        sending: Coroutine[Any, Any, None] = self._send(  # type: ignore[assignment] # not any awaitable
            {"type": "http.response.body", "body": data, "more_body": more}
        )
        return sending

    def _resume(self, sending: Coroutine[Any, Any, None], _done: asyncio.Future[None]) -> None:
        if sending is self._stuck:  # it was abandoned otherwise
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
            if not self._waiting:
                self._let_go()
                return
            data, more = self._waiting.popleft()
            size_bytes = len(data)
            self._waiting_bytes -= size_bytes
            if not self.is_overfull:
                self._overfull_since = None
            sending = self._sending(data, more=more)

    def _give_up(self) -> None:
        """This connection takes nothing any more: keep nothing for it."""
        self._is_ended = True
        self._stuck = None
        self._waiting.clear()
        self._waiting_bytes = 0
        self._overfull_since = None
        self._let_go()

    def _let_go(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None
