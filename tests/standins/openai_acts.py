"""What becomes of an order that was taken, beside being drawn as it should be."""

import asyncio
import base64
import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from aiohttp import web

from .openai_rules import KEY, MODERATION, Json, error
from .openai_wire import (
    HEADERS,
    answer,
    completed,
    frame,
    partial,
    picture64,
    plain,
    portrait,
)


@dataclass(slots=True)
class Room:
    """What acts and whoever watches them agree by."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """An order is taken."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """What is held may be answered."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Whoever was kept waiting has gone."""

    async def hold(self) -> None:
        """Wait until it may go on."""
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.left.set()
            raise


Act = Callable[[Room, web.Request, Json], Awaitable[web.StreamResponse]]


async def stream(
    request: web.Request, *frames: bytes, pause_seconds: float = 0.0
) -> web.StreamResponse:
    """An event stream of these bytes, with a pause before each, which ends as it should."""
    response = await open_stream(request)
    for each in frames:
        await asyncio.sleep(pause_seconds)
        await response.write(each)
    await response.write_eof()
    return response


async def open_stream(request: web.Request) -> web.StreamResponse:
    """The head of an event stream."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


def reset(request: web.Request) -> None:
    """Break the connection without a word."""
    assert request.transport is not None
    socket = request.transport.get_extra_info("socket")
    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def streams(make: Callable[[Json], list[bytes]]) -> Act:
    """A stream of bytes made from the order."""

    async def act(_: Room, request: web.Request, form: Json) -> web.StreamResponse:
        return await stream(request, *make(form))

    return act


def answers(make: Callable[[Json], Json | str], kind: str = "application/json") -> Act:
    """An answer in one piece, made from the order."""

    async def act(_: Room, __: web.Request, form: Json) -> web.StreamResponse:
        return answer(200, make(form), kind)

    return act


def links(name: str, *, is_streamed: bool = False) -> Act:
    """A picture that lies elsewhere."""

    async def act(_: Room, request: web.Request, form: Json) -> web.StreamResponse:
        url = f"{request.url.origin()}/files/{name}"
        if is_streamed:
            return await stream(request, frame(completed(form, url=url)))
        return answer(200, plain(url=url, revised_prompt="A portrait"))

    return act


async def _reset(_: Room, request: web.Request, __: Json) -> web.StreamResponse:
    reset(request)
    return web.Response()


async def _cut(_: Room, request: web.Request, form: Json) -> web.StreamResponse:
    response = await open_stream(request)
    await response.write(frame(partial(form, 0)) + frame(completed(form))[:2000])
    reset(request)
    return response


async def _hang(room: Room, _: web.Request, __: Json) -> web.StreamResponse:
    await room.hold()
    return web.Response(status=502)


async def _hang_in_stream(room: Room, request: web.Request, form: Json) -> web.StreamResponse:
    response = await open_stream(request)
    await response.write(frame(partial(form, 0)))
    await room.hold()
    await response.write(frame(completed(form)))
    return response


async def _chopped(_: Room, request: web.Request, form: Json) -> web.StreamResponse:
    whole = b"\xef\xbb\xbf: hello\n\n" + frame(partial(form, 0)) + frame(completed(form))
    whole = whole.replace(b"\n", b"\r\n").replace(b', "size"', b',\r\ndata: "size"')
    response = await open_stream(request)
    for start in range(0, len(whole), 997):
        await response.write(whole[start : start + 997])
        await asyncio.sleep(0)
    await response.write_eof()
    return response


async def _endless(room: Room, request: web.Request, _: Json) -> web.StreamResponse:
    response = await open_stream(request)
    await response.write(b"data: ")
    try:
        while True:
            await response.write(b"A" * (1 << 20))
    except (ConnectionError, asyncio.CancelledError):
        room.left.set()
        raise


def _typeless(value: Json) -> bytes:
    """An event that only its name tells of."""
    name = str(value["type"])
    return frame({key: each for key, each in value.items() if key != "type"}, name)


def _huge(prompt: str) -> str:
    """A picture of 6 MiB."""
    return base64.b64encode(portrait(prompt).ljust(6 << 20, b"\0")).decode()


_BOOM: Final = error("The server had an error while drawing.", "server_error", "server_error")

ACTS: Final[dict[str, Act]] = {
    "json": answers(lambda form: plain(b64_json=picture64(form["prompt"]))),
    "data-url": answers(
        lambda form: plain(url=f"data:image/png;base64,{picture64(form['prompt'])}")
    ),
    "url": links("portrait.png"),
    "long-url": links(f"portrait.png?{'x' * 17_000}"),
    "late-url": links("late.png"),
    "page-url": links("page.png"),
    "stream-url": links("portrait.png", is_streamed=True),
    "partials-0": streams(lambda form: [frame(completed(form))]),
    "partials-1": streams(lambda form: [frame(partial(form, 0)), frame(completed(form))]),
    "partials-3": streams(
        lambda form: [*(frame(partial(form, n)) for n in range(3)), frame(completed(form))]
    ),
    "early": streams(lambda form: [frame(completed(form)), frame(partial(form, 0))]),
    "done": streams(lambda form: [frame(completed(form)), frame("[DONE]")]),
    "done-without": streams(lambda form: [frame(partial(form, 0)), frame("[DONE]")]),
    "short": streams(lambda form: [frame(partial(form, 0))]),
    "unended": streams(lambda form: [frame(completed(form)).rstrip()]),
    "typeless": streams(lambda form: [_typeless(partial(form, 0)), _typeless(completed(form))]),
    "misnamed": streams(lambda form: [frame(completed(form), "error")]),
    "one-event": streams(
        lambda form: [frame(plain(b64_json=picture64(form["prompt"])), "message")]
    ),
    "odd-partials": streams(
        lambda form: [
            frame({"type": "image_generation.partial_image", "b64_json": "%%"}),
            frame({**partial(form, 0), "b64_json": "PGh0bWw+", "partial_image_index": 9}),
            frame({"type": "ping"}, "ping"),
            frame("not JSON"),
            frame(completed(form)),
        ]
    ),
    "chopped": _chopped,
    "cut": _cut,
    "error-key": streams(lambda form: [frame(partial(form, 0)), frame(_BOOM, "")]),
    "error-event": streams(lambda _: [frame(_BOOM["error"], "error")]),
    "error-type": streams(
        lambda _: [frame({"type": "error", "code": "server_error", "message": "boom"}, "")]
    ),
    "error-words": streams(lambda _: [frame({"error": "upstream went away"}, "")]),
    "error-text": streams(lambda _: [frame("upstream went away", "error")]),
    "moderation-in-stream": streams(lambda _: [frame(MODERATION, "error")]),
    "rate-in-stream": streams(
        lambda _: [frame({"error": {"code": 429, "message": "slow down"}}, "error")]
    ),
    "timeout-in-stream": streams(
        lambda _: [frame(error("Request timed out.", "server_error", "504"), "error")]
    ),
    "late-in-stream": streams(lambda _: [frame(error("Too late.", "timeout_error"), "error")]),
    "invalid-in-stream": streams(lambda _: [frame(error("No."), "error")]),
    "stream-in-stream": streams(
        lambda _: [frame(error("The `stream` ended early.", "server_error"), "error")]
    ),
    "telltale-stream": streams(lambda _: [frame(error(f"{KEY} is bad", "server_error"), "")]),
    "telltale-page": answers(lambda _: f"<html>{KEY}</html>", "text/html"),
    "telltale-words": streams(lambda _: [frame(f"{KEY} is bad", "error")]),
    "error-in-ok": answers(lambda _: _BOOM),
    "words-in-ok": answers(lambda _: {"error": "boom"}),
    "empty": answers(lambda _: {"created": 1, "data": []}),
    "no-entry": answers(lambda _: plain(revised_prompt="A portrait")),
    "empty-stream": streams(lambda form: [frame(completed(form, b64_json=""))]),
    "html": answers(lambda _: "<html>Welcome</html>", "text/html"),
    "cut-json": answers(lambda form: json.dumps(plain(b64_json=picture64(form["prompt"])))[:500]),
    "no-base64": answers(lambda _: plain(b64_json="<svg/>")),
    "huge": streams(lambda form: [frame(completed(form, b64_json=_huge(form["prompt"])))]),
    "reset": _reset,
    "hang": _hang,
    "hang-in-stream": _hang_in_stream,
    "endless": _endless,
}
"""By the name of the behaviour."""
