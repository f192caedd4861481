"""Event streams over HTTP: one task a stream, which waits for nothing but its reader's leave."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeAlias

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from limner import log
from limner.domain.errors import DatabaseUnavailableError, NotFoundError
from limner.web.answers import owner_of, resources_of
from limner.web.audience import Audience
from limner.web.outlet import Outlet
from limner.web.stream import EndedError, Stream, turned_away_frame
from limner.web.wire import Line

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
Watching: TypeAlias = Callable[
    [Stream], AbstractContextManager[Callable[[int | None], Awaitable[None]]]
]
"""Watches something for a stream; the block gets a function that brings the stream in."""
_ID = re.compile(r"[0-9]{1,19}")

_log = log.get()


async def of_plot(request: Request) -> Response:
    """`GET /api/plots/{plot_id}/events`: all of a plot's characters on one connection."""
    audience = _audience(request)
    if audience.is_closed:
        return _turned_away()
    plot_id = request.path_params["plot_id"]
    try:
        newest = await resources_of(request).history.plot_seq(plot_id, owner_of(request))
    except DatabaseUnavailableError:
        return _turned_away()
    watching = partial(resources_of(request).follow.watching, plot_id)
    return EventStream(audience, watching, None, _last_event_id(request, newest))


async def of_character(request: Request) -> Response:
    """`GET /api/characters/{character_id}/image/events`: it ends with the generation."""
    audience = _audience(request)
    if audience.is_closed:
        return _turned_away()
    history, owner = resources_of(request).history, owner_of(request)
    try:
        polled = await history.poll(request.path_params["character_id"], owner)
    except DatabaseUnavailableError:
        return _turned_away()
    after = _last_event_id(request, polled.plot_seq)
    transition = polled.transition
    if transition is not None and transition.status.is_final and (after or 0) >= transition.seq:
        return Response(status_code=204)
    watching = partial(resources_of(request).follow.watching, polled.plot_id)
    return EventStream(audience, watching, polled.character_id, after)


async def of_queue(request: Request) -> Response:
    """`GET /api/queue/events`: the whole queue, each time that it changed."""
    audience = _audience(request)
    if audience.is_closed:
        return _turned_away()
    return EventStream(audience, resources_of(request).lookout.watching, None, None)


class EventStream(Response):
    """A response that streams events for as long as its reader stays.

    `send` is driven by whoever has something to say (`Outlet`); the request's own task only brings
    the reader in and then waits for the connection to end.
    """

    def __init__(
        self,
        audience: Audience,
        watching: Watching,
        character_id: str | None,
        after: int | None,
    ) -> None:
        super().__init__(headers=HEADERS)
        del MutableHeaders(raw=self.raw_headers)["Content-Length"]
        self._audience = audience
        self._watching = watching
        self._character_id = character_id
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the reader leaves or the stream is ended."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        outlet = Outlet(send)
        if self._audience.is_closed:  # since this was asked first, others came, or SIGTERM did
            outlet.write(turned_away_frame())
            outlet.end()
            return
        with self._audience.seat(outlet, self._character_id, Line.of(scope)) as stream:
            async with stream.open():
                stream.greet()
                await self._bring_to(stream, receive, scope["path"])

    async def _bring_to(self, stream: Stream, receive: Receive, path: str) -> None:
        try:
            with self._watching(stream) as bring_in:
                await bring_in(self._after)
                stream.go_live()
                await _leave(receive)
        except EndedError:
            await _leave(receive)
        except (DatabaseUnavailableError, NotFoundError) as error:
            _log.warning("Ended a stream early", path=path, why=str(error))
            stream.turn_away()
            await _leave(receive)


async def _leave(receive: Receive) -> None:
    """Wait until the reader is gone, or the body has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _turned_away() -> Response:
    """Not now. Any other status would tell a browser's EventSource never to come back."""
    return Response(turned_away_frame(), headers=HEADERS)


def _last_event_id(request: Request, newest: int) -> int | None:
    """Up to where the client has everything; None when it does not say, or says what can't be."""
    given = request.headers.get("last-event-id")
    for name in ("last_event_id", "lastEventId"):
        if given is None:
            given = request.query_params.get(name)
    if given is None or not _ID.fullmatch(given) or int(given) > newest:
        return None
    return int(given)


def _audience(request: Request) -> Audience:
    audience: Audience = request.app.state.audience
    return audience
