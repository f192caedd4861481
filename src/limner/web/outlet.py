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

    __slots__ = ("_drained", "_is_ended", "_send", "_stuck", "_waiting", "_waiting_bytes")

    def __init__(self, send: Send) -> None:
        self._send = send
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

    def write(self, data: bytes) -> None:
        """Send bytes, now or as soon as those before them have gone. After `end`, do nothing."""
        if not self._is_ended:
            self._push(data, more=True)

    def end(self) -> None:
        """End the body, after what still waits."""
        if not self._is_ended:
            self._is_ended = True
            self._push(b"", more=False)

    async def drained(self) -> None:
        """Wait until nothing waits."""
        if self._stuck is not None:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    def _push(self, data: bytes, *, more: bool) -> None:
        if self._stuck is None:
            self._step(self._sending(data, more=more))
        else:
            self._waiting.append((data, more))
            self._waiting_bytes += len(data)

    def _sending(self, data: bytes, *, more: bool) -> Coroutine[Any, Any, None]:
        sending: Coroutine[Any, Any, None] = self._send(  # type: ignore[assignment] # not any awaitable
            {"type": "http.response.body", "body": data, "more_body": more}
        )
        return sending

    def _resume(self, sending: Coroutine[Any, Any, None], _done: asyncio.Future[None]) -> None:
        self._step(sending)

    def _step(self, sending: Coroutine[Any, Any, None]) -> None:
        """Run sends until one waits, and go on when what it waits for has come."""
        while True:
            try:
                future: asyncio.Future[None] = sending.send(None)
            except StopIteration:
                self._stuck = None
            except Exception:  # noqa: BLE001 - whoever has news for many must not fail over one
                _log.exception("Could not write to a stream")
                self._give_up()
                return
            else:
                # as `await` does in a task: take the future it yields, come back when it is done
                future._asyncio_future_blocking = False  # noqa: SLF001 - asyncio's protocol for it
                future.add_done_callback(partial(self._resume, sending))
                self._stuck = sending
                return
            if not self._waiting:
                self._let_go()
                return
            data, more = self._waiting.popleft()
            self._waiting_bytes -= len(data)
            sending = self._sending(data, more=more)

    def _give_up(self) -> None:
        """This connection takes nothing any more: keep nothing for it."""
        self._is_ended = True
        self._stuck = None
        self._waiting.clear()
        self._waiting_bytes = 0
        self._let_go()

    def _let_go(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None
