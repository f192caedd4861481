"""uvicorn's HTTP/1.1, with our answers, and with an end for what nobody reads or never asks.

What is no HTTP, or no method that HTTP knows, is answered with a problem like all else.

As shipped, uvicorn keeps a connection that never sends a request for ever; and of a stream whose
reader has stopped reading, the kernel and the event loop take up four megabytes before a `send`
waits, and keep the socket after the response was given up. So a silent connection is dropped here,
and a stream finds its `Line` in the scope, to keep its buffers small and to be able to reset.
"""

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from typing import Any
from uuid import uuid4

from httptools import HttpParserInvalidMethodError
from starlette.responses import Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from limner.web.problems import BAD_REQUEST, METHOD_NOT_ALLOWED, problem
from limner.web.request_id import HEADER

METHODS = "DELETE, GET, HEAD, PATCH, POST"
"""All that anything here takes. The parser stops at an unknown method, before any address."""
REQUEST_SECONDS = 20.0
"""How long a connection may take until its first request is complete."""
SEND_BUFFER_BYTES = 32 * 1024
"""What the kernel may keep for a stream; Linux doubles it for its own needs."""
WRITE_BUFFER_BYTES = 16 * 1024
"""What the event loop may keep for a stream before a `send` waits."""
_EXTENSION = "limner.line"
_NO_LINGER = struct.pack("ii", 1, 0)


class Line:
    """The connection beneath a stream.

    Args:
        transport: the event loop's end of it.
    """

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport: asyncio.Transport | None = transport

    @staticmethod
    def of(scope: Scope) -> "Line | None":
        """The line that a request came on; None under a server that is not ours."""
        line: Line | None = scope.get("extensions", {}).get(_EXTENSION)
        return line

    def lose(self) -> None:
        """The connection is gone. Its descriptor may be another's already: never touch it again."""
        self._transport = None

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

    @property
    def peer(self) -> str:
        """Who is at the other end, as an address and a port."""
        if self._transport is None:
            return "gone"
        host, port = self._transport.get_extra_info("peername")[:2]
        return f"{host}:{port}"

    def unsent_bytes(self) -> int:
        """What this process still keeps for the other end."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def untaken_bytes(self) -> int:
        """What was written and the other end has not acknowledged, here and in the kernel."""
        if self._transport is None:
            return 0
        number = self._transport.get_extra_info("socket").fileno()
        (kept_bytes,) = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))
        return self.unsent_bytes() + int(kept_bytes)

    def reset(self) -> None:
        """Cut the connection, and throw away what is on its way.

        A plain close would leave that to the kernel, which keeps it for as long as the other end
        says that it lives.
        """
        if self._transport is not None:
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()


class WireProtocol(HttpToolsProtocol):
    """uvicorn's, but for whom it waits, and for the one answer that it gives by itself."""

    _line: Line
    _silence: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._line = Line(transport)
        self._silence = self.loop.call_later(REQUEST_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._silence.cancel()
        self._line.lose()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Give the request its line."""
        super().on_message_begin()
        extensions: dict[str, Any] = {_EXTENSION: self._line}
        self.scope["extensions"] = extensions

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._silence.cancel()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser has just refused, and hang up.

        Args:
            msg: uvicorn's sentence.
        """
        if isinstance(sys.exception(), HttpParserInvalidMethodError):
            refusal = problem(
                METHOD_NOT_ALLOWED, "This method is not known.", headers={"Allow": METHODS}
            )
        else:
            refusal = problem(BAD_REQUEST, msg)
        refusal.headers[HEADER] = uuid4().hex
        refusal.headers["Connection"] = "close"
        self.transport.write(_as_bytes(refusal))
        self.transport.close()


def _as_bytes(response: Response) -> bytes:
    lines = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
    return b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)])
