"""uvicorn's HTTP/1.1, with our answers, and with an end for what nobody reads or never asks.

What is no HTTP, or no method that HTTP knows, is answered with a problem like all else.

As shipped, uvicorn keeps a connection that never sends a request for ever; and of a stream whose
reader has stopped reading, the kernel and the event loop take up four megabytes before a `send`
waits, and keep the socket after the response was given up. So a silent connection is dropped here,
and a stream can take its connection over, to keep its buffers small and to be able to reset.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4
from weakref import ref

from httptools import HttpParserInvalidMethodError
from starlette.responses import Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from limner.web.direct import DirectOutlet
from limner.web.problems import BAD_REQUEST, METHOD_NOT_ALLOWED, problem
from limner.web.request_id import HEADER

METHODS = "DELETE, GET, HEAD, PATCH, POST"
"""All that anything here takes. The parser stops at an unknown method, before any address."""
REQUEST_SECONDS = 20.0
"""How long a connection may take until its first request is complete."""
_EXTENSION = "limner.take_over"


def take_over_of(scope: Scope) -> Callable[[], DirectOutlet] | None:
    """What gives a request's connection to its response; None under a server that is not ours.

    Called once, after the response has begun with the headers of a chunked one.
    """
    take_over: Callable[[], DirectOutlet] | None = scope.get("extensions", {}).get(_EXTENSION)
    return take_over


class WireProtocol(HttpToolsProtocol):
    """uvicorn's, but for whom it waits, and for the one answer that it gives by itself."""

    _silence: asyncio.TimerHandle
    _is_lost = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._silence = self.loop.call_later(REQUEST_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._is_lost = True
        self._silence.cancel()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        """Let the response take the connection over."""
        super().on_headers_complete()
        # nothing here holds what holds it: else each request would be left to the garbage collector
        extensions: dict[str, Any] = {_EXTENSION: partial(_take_over, ref(self), ref(self.cycle))}
        self.scope["extensions"] = extensions

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._silence.cancel()
        super().on_message_complete()

    def take_over(self, cycle: RequestResponseCycle) -> DirectOutlet:
        """Leave the connection to a response, and let go of everything that was for its request.

        To uvicorn the response is complete. A request that was sent behind it on the same
        connection is not answered: the connection ends with the stream.
        """
        self._silence.cancel()
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        outlet = DirectOutlet(self.transport, self.connections, is_paused=self.flow.write_paused)
        cycle.response_complete = True
        if self._is_lost:
            outlet.connection_lost(None)
        else:
            self.flow.resume_reading()  # else nothing would tell that the reader has gone
            self.transport.set_protocol(outlet)
            self.parser = None  # type: ignore[assignment] # it holds this object
        return outlet

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


def _take_over(protocol: "ref[WireProtocol]", cycle: "ref[RequestResponseCycle]") -> DirectOutlet:
    of, whose = protocol(), cycle()
    assert of is not None and whose is not None  # noqa: S101, PT018 - who calls is being answered
    return of.take_over(whose)


def _as_bytes(response: Response) -> bytes:
    lines = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
    return b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)])
