"""Taking requests and giving answers, good and bad ones."""

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from aiohttp import web

from .account import Account, Request
from .demands import Json
from .refusals import error
from .words import Words

KEY: Final = "standin-key-7Qm2vX9"  # it opens nothing else
ACCOUNT: Final = web.AppKey("account", Account)


async def taken_in(request: web.Request) -> tuple[Json, web.Response | None]:
    """The body without the key, noted down; and the answer if it is none, or has a wrong key."""
    try:
        body = await request.json()
    except ValueError:
        return {}, error("The request is no JSON.", 400)
    if request.content_type != "application/json" or not isinstance(body, dict):
        return {}, error("The request is no JSON object.", 400)
    key = body.pop("key", None)
    note(request, body, has_key=key == KEY)
    if key == KEY:
        return body, None
    return body, error("Invalid API key" if key else "API key required", 401)


def note(request: web.Request, body: Json, *, has_key: bool) -> None:
    """Write down who asked for what; no key is written down."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.pop("key", None)
    url = request.rel_url.without_query_params("key")
    request.app[ACCOUNT].requests.append(Request(request.method, str(url), body, headers, has_key))


async def dawdle(account: Account, words: Words, what: str, before: int) -> None:
    """Let whoever asked wait, as words that begin with `what` say, `slow`, `hold` or `hang`."""
    try:
        await asyncio.sleep(words.number(f"{what}slow", 0))
        if words.has(f"{what}hold", before):
            account.held.put_nowait(what)
            await account.go_on.wait()
        if words.has(f"{what}hang", before):
            account.held.put_nowait(what)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        account.left.put_nowait(what)
        raise


async def cut(request: web.Request, reply: Json) -> web.StreamResponse:
    """Half of an answer, and then nothing."""
    whole = web.json_response(reply).body
    assert isinstance(whole, bytes)
    torn = web.StreamResponse(headers={"Content-Length": str(len(whole))})
    await torn.prepare(request)
    await torn.write(whole[: len(whole) // 2])
    reset(request)
    return torn


def reset(request: web.Request) -> web.Response:
    """Break the connection without a word."""
    assert request.transport is not None
    socket = request.transport.get_extra_info("socket")
    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()


def url_of(request: web.Request) -> str:
    """Where the server is, as whoever asks sees it."""
    return f"{request.scheme}://{request.host}"
