"""Event streams over HTTP: a task brings each reader in, and is over when it follows."""

import asyncio
import re
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from limner import log
from limner.domain.errors import DatabaseUnavailableError, NotFoundError
from limner.domain.transition import Transition
from limner.flows.follow import PlotWatch
from limner.store.history import Polled
from limner.web.answers import owner_of, resources_of
from limner.web.audience import Audience
from limner.web.direct import DirectOutlet
from limner.web.frames import body_of
from limner.web.outlet import SendOutlet
from limner.web.stream import EndedError, Stream, turned_away_frame
from limner.web.wire import take_over_of

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


class Watch(Protocol):
    """What a stream is a stream of, watched from before it is read until `leave`."""

    async def bring_in(self, reader: Stream) -> None:
        """Give a reader what it begins with, and have it follow from there on.

        Raises:
            EndedError: the reader has left.
            NotFoundError, DatabaseUnavailableError: there is nothing to be had of it, now or ever.
        """
        ...

    def leave(self) -> None:
        """Watch it no more."""
        ...


_ID = re.compile(r"[0-9]{1,19}")
_LAST_NUMBER = 2**63 - 1
"""The greatest that a plot could come to; Postgres can't even be asked for a greater one."""

_log = log.get()


async def of_plot(request: Request) -> Response:
    """`GET /api/plots/{plot_id}/events`: all of a plot's characters on one connection."""
    audience = _audience(request)
    if audience.is_closed:
        return _turned_away()
    plot_id = request.path_params["plot_id"]
    if request.method == "HEAD":
        try:
            await resources_of(request).history.plot_seq(plot_id, owner_of(request))
        except DatabaseUnavailableError:
            return _turned_away()
        return _head()
    return await _stream_of(request, resources_of(request).follow.watch(plot_id), None)


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
    after = _last_event_id(request)
    transition = polled.transition
    if transition is not None and transition.status.is_final and _has(after, transition, polled):
        return Response(status_code=204)
    if request.method == "HEAD":
        return _head()
    watch = resources_of(request).follow.watch(polled.plot_id)
    return await _stream_of(request, watch, polled.character_id)


async def of_queue(request: Request) -> Response:
    """`GET /api/queue/events`: the whole queue, each time that it changed."""
    audience = _audience(request)
    if audience.is_closed:
        return _turned_away()
    if request.method == "HEAD":
        return _head()
    return EventStream(audience, resources_of(request).lookout.watch(), None)


async def _stream_of(request: Request, watch: PlotWatch, character_id: str | None) -> Response:
    """The stream of a plot that is watched, once it is read: there may be no such plot.

    Raises:
        NotFoundError: there is not.
    """
    try:
        await watch.read(owner_of(request), _last_event_id(request))
    except DatabaseUnavailableError:
        watch.leave()
        return _turned_away()
    except BaseException:
        watch.leave()
        raise
    return EventStream(_audience(request), watch, character_id)


class EventStream(Response):
    """A response that streams events for as long as its reader stays.

    It brings the reader in and then is over: the connection stays with the stream, which whoever
    has something to say drives from then on. Under a server that does not give up a connection, its
    task waits beside until that ends.

    Args:
        audience: who keeps the stream's time.
        watch: what it is a stream of; it is left when the stream ends.
        character_id: whose stream it is; None for that of the whole plot, or the queue.
    """

    def __init__(self, audience: Audience, watch: Watch, character_id: str | None) -> None:
        super().__init__(headers=HEADERS)
        _make_endless(self)
        self._audience = audience
        self._watch = watch
        self._character_id = character_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the stream, and leave it to itself if the connection can be had for it."""
        take_over = take_over_of(scope)
        if take_over is not None:
            self.headers["Connection"] = "close"
        stream = None
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if self._audience.is_closed:  # since this was asked first, others came, or SIGTERM did
                await send({"type": "http.response.body", "body": body_of(turned_away_frame())})
                return
            outlet = SendOutlet(send) if take_over is None else take_over()
            stream = self._audience.seat(outlet, self._character_id)
            if isinstance(outlet, DirectOutlet):
                outlet.when_lost(partial(_over, self._audience, self._watch, stream))
            await self._begin(stream, scope["path"])
            if isinstance(outlet, SendOutlet):
                await _either(_leave(receive), outlet.is_given_up.wait())
        finally:
            if stream is None:
                self._watch.leave()
            elif isinstance(stream.outlet, SendOutlet):
                stream.end()
                _over(self._audience, self._watch, stream)

    async def _begin(self, stream: Stream, path: str) -> None:
        try:
            stream.greet()
            await self._watch.bring_in(stream)
            stream.go_live()
        except EndedError:
            pass
        except (DatabaseUnavailableError, NotFoundError) as error:
            _log.warning("Ended a stream early", path=path, why=str(error))
            stream.turn_away()
        except BaseException:
            stream.end()  # nobody else would: its task ends here
            raise


def _over(audience: Audience, watch: Watch, stream: Stream) -> None:
    """Whoever read it is gone."""
    audience.unseat(stream)
    watch.leave()
    # what was written from here on would go nowhere
    stream.outlet.end()


async def _leave(receive: Receive) -> None:
    """Wait until the reader is gone, or the body has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _either(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of several has ended; the others are cancelled."""
    tasks = [asyncio.create_task(wait, name="end of a stream") for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _head() -> Response:
    """What a stream would begin with, for who asks for no more."""
    response = Response(headers=HEADERS)
    _make_endless(response)
    return response


def _make_endless(response: Response) -> None:
    del MutableHeaders(raw=response.raw_headers)["Content-Length"]


def _turned_away() -> Response:
    """Not now. Any other status would tell a browser's EventSource never to come back."""
    return Response(body_of(turned_away_frame()), headers=HEADERS)


def _last_event_id(request: Request) -> int | None:
    """Up to where the client has everything; None when it does not say, or says what can't be."""
    given = request.headers.get("last-event-id")
    for name in ("last_event_id", "lastEventId"):
        if given is None:
            given = request.query_params.get(name)
    if given is None or not _ID.fullmatch(given) or int(given) > _LAST_NUMBER:
        return None
    return int(given)


def _has(after: int | None, transition: Transition, polled: Polled) -> bool:
    """Whether a client has a transition already; an id that can't be counts as none."""
    return after is not None and transition.seq <= after <= polled.plot_seq


def _audience(request: Request) -> Audience:
    audience: Audience = request.app.state.audience
    return audience
