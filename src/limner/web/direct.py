"""A stream's own connection: what is left of a request once its response has begun.

A stream only ever writes, and most of the time it waits. A server keeps for it what it keeps for
any request: a parser, the request, the task that answers it and everything that task went through;
with ours that was 26 KiB. So the connection is taken over from the server, as for a WebSocket: this
object becomes its protocol, writes chunks (RFC 9112, section 7.1) straight to the transport, and
the request is over. The body still ends with the last chunk, and the connection with it.
"""

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Callable
from typing import Any

from limner.web.outlet import Backlog

SEND_BUFFER_BYTES = 32 * 1024
"""What the kernel may keep for a stream; Linux doubles it for its own needs."""
WRITE_BUFFER_BYTES = 16 * 1024
"""What the event loop may keep for a stream before what comes next waits here."""
_LAST_CHUNK = b"0\r\n\r\n"
_NO_LINGER = struct.pack("ii", 1, 0)


class DirectOutlet(asyncio.Protocol):
    """An outlet that is the protocol of its connection.

    Args:
        transport: the event loop's end of the connection.
        connections: the server's, which it waits for when it is told to stop.
        is_paused: whether the transport has more to send already than it likes.
    """

    __slots__ = (
        "_backlog",
        "_connections",
        "_drained",
        "_is_ended",
        "_is_paused",
        "_on_lost",
        "_transport",
        "sent_bytes",
    )

    def __init__(
        self, transport: asyncio.Transport, connections: set[Any], *, is_paused: bool
    ) -> None:
        self.sent_bytes = 0
        self._transport: asyncio.Transport | None = transport
        self._connections = connections
        self._is_paused = is_paused
        self._is_ended = False
        self._backlog: Backlog[bytes] | None = None
        self._drained: asyncio.Event | None = None
        self._on_lost: Callable[[], None] | None = None
        connections.add(self)

    @property
    def is_ended(self) -> bool:
        """See `Outlet`."""
        return self._is_ended

    @property
    def is_stuck(self) -> bool:
        """See `Outlet`."""
        return self._is_paused

    @property
    def overfull_since(self) -> float | None:
        """See `Outlet`."""
        return None if self._backlog is None else self._backlog.overfull_since

    @property
    def peer(self) -> str:
        """See `Outlet`: an address and a port."""
        if self._transport is None:
            return "gone"
        host, port = self._transport.get_extra_info("peername")[:2]
        return f"{host}:{port}"

    def keep_little(self, timeout_seconds: float) -> None:
        """Buffer little from now on, and notice when the other end is gone without a word.

        Args:
            timeout_seconds: how long bytes may stay unacknowledged before the kernel gives up.
        """
        if self._transport is None:
            return
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if sys.platform == "linux":
            timeout_ms = int(timeout_seconds * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)

    def unsent_bytes(self) -> int:
        """See `Outlet`."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def untaken_bytes(self) -> int:
        """See `Outlet`: what lies in this process and in the kernel."""
        if self._transport is None:
            return 0
        number = self._transport.get_extra_info("socket").fileno()
        (kept_bytes,) = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))
        return self.unsent_bytes() + int(kept_bytes)

    def write(self, frame: bytes) -> None:
        """See `Outlet`."""
        if not self._is_ended:
            self._push(frame)

    def end(self) -> None:
        """See `Outlet`. The transport closes when it has sent everything."""
        if not self._is_ended:
            self._is_ended = True
            self._push(_LAST_CHUNK)

    def reset(self) -> None:
        """See `Outlet`. A plain close would leave what is on its way to the kernel.

        And the kernel keeps it for as long as the other end says that it lives.
        """
        self._give_up()
        if self._transport is not None:
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

    async def drained(self) -> None:
        """See `Outlet`."""
        if self._is_paused and self._transport is not None:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    def when_lost(self, call: Callable[[], None]) -> None:
        """Call it once the connection is gone, for whatever reason: at once if it is already."""
        if self._transport is None:
            call()
        else:
            self._on_lost = call

    def pause_writing(self) -> None:
        """The transport has more to send than it likes."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """It takes bytes again: what has waited goes first."""
        self._is_paused = False
        while self._backlog and not self._is_paused:
            chunk, _ = self._backlog.take()
            self._send(chunk)
        if not self._is_paused:
            self._backlog = None
            self._let_go()

    def data_received(self, data: bytes) -> None:
        """There is nothing to ask on this connection any more."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of it. Its descriptor may be another's already: never touch it again."""
        self._connections.discard(self)
        self._transport = None
        self._is_paused = False
        self._give_up()
        on_lost, self._on_lost = self._on_lost, None
        if on_lost is not None:
            on_lost()

    def shutdown(self) -> None:
        """The server stops; uvicorn calls this on each of its connections."""
        self.end()

    def _push(self, chunk: bytes) -> None:
        if self._is_paused:
            self._backlog = self._backlog or Backlog()
            self._backlog.put(chunk, len(chunk))
        else:
            self._send(chunk)

    def _send(self, chunk: bytes) -> None:
        # one that is closing takes nothing more, and some event loops say so in the log each time
        if self._transport is not None and not self._transport.is_closing():
            self.sent_bytes += len(chunk)
            self._transport.write(chunk)
            if chunk is _LAST_CHUNK:  # not in place: it may be the transport that calls here
                asyncio.get_running_loop().call_soon(self._transport.close)

    def _give_up(self) -> None:
        self._is_ended = True
        self._backlog = None
        self._let_go()

    def _let_go(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None
