"""The server: orders, and questions after orders."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from .account import Account, Drawing
from .demands import Json, why_refused
from .refusals import REFUSALS, RETRY_SECONDS, RIDDLES, SPAM, error, page, too_many
from .replies import processing, success
from .shelf import models, picture
from .wire import ACCOUNT, KEY, cut, dawdle, reset, taken_in, url_of
from .words import Words


class ModelsLabStandin:
    """The server: `async with ModelsLabStandin() as server`, and `server.account` has its books.

    Args:
        behave: words for every order, such as `seconds:0.1`, `limit:5` or `spam-seconds:1`.
        port: 0 is a free one.
    """

    def __init__(self, *behave: str, port: int = 0) -> None:
        app = application(behave)
        self.account = app[ACCOUNT]
        self.key = KEY
        self.url = ""
        self._port = port
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=1, access_log=None
        )

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Serve no more."""
        await self._runner.cleanup()


def application(behave: Sequence[str] = ()) -> web.Application:
    """The server without a socket."""
    app = web.Application()
    app[ACCOUNT] = Account(behave)
    app.add_routes(
        [
            web.post("/api/v7/images/text-to-image", _submit),
            web.post("/api/{version:v6|v7}/images/fetch/{id}", _fetch),
            web.post("/api/v6/images/fetch", _fetch),
            web.get("/api/v7/models", models),
            web.get("/{place:generations|cdn}/{id}.png", picture),
        ]
    )
    return app


async def _submit(request: web.Request) -> web.StreamResponse:
    account = request.app[ACCOUNT]
    order, refused = await taken_in(request)
    if refused is not None:
        return refused
    if (why := why_refused(order)) is not None:
        return web.json_response(why[1], status=why[0])
    words, before = account.words_for(order["prompt"])
    refused = _refused(account, order, words, before)
    if refused is not None:
        return refused
    drawing = account.take(order, words)
    await dawdle(account, words, "", before)
    return await _told(request, drawing, before)


def _refused(account: Account, order: Json, words: Words, before: int) -> web.Response | None:
    for word, refuse in REFUSALS.items():
        if words.has(word, before):
            return refuse(words)
    if account.is_spam(order):
        return web.json_response(SPAM)
    if account.is_full:
        return too_many(words.number("retry-after", RETRY_SECONDS))
    return None


async def _told(request: web.Request, drawing: Drawing, before: int) -> web.StreamResponse:
    """The answer to an order that was taken, whether or not it tells so."""
    words, url = drawing.words, url_of(request)
    if words.has("reset", before):
        return reset(request)
    for word, riddle in RIDDLES.items():
        if words.has(word, before):
            return riddle(words)
    reply = success(drawing, url) if words.has("now") else processing(drawing, url)
    if words.has("cut", before):
        return await cut(request, reply)
    return web.json_response(reply, status=int(words.number("http", 200)))


async def _fetch(request: web.Request) -> web.StreamResponse:
    account = request.app[ACCOUNT]
    body, refused = await taken_in(request)
    number = str(request.match_info.get("id") or body.get("request_id"))
    drawing = account.drawings.get(number.removeprefix("abc").removesuffix("-def"))
    words = Words.of("", account.behave) if drawing is None else drawing.words
    if words.has("v6-only") and request.match_info.get("version") == "v7":
        return page(404)
    if refused is not None:
        return refused
    return error("Request not found", 404) if drawing is None else await _asked(request, drawing)


async def _asked(request: web.Request, drawing: Drawing) -> web.StreamResponse:
    before = drawing.fetches
    drawing.fetches += 1
    await dawdle(request.app[ACCOUNT], drawing.words, "fetch-", before)
    if drawing.words.has("fetch-reset", before):
        return reset(request)
    return _trouble(drawing.words, before) or _state(drawing, url_of(request))


def _trouble(words: Words, before: int) -> web.Response | None:
    """An answer that says nothing of the order."""
    wait_seconds = words.number("fetch-429", RETRY_SECONDS)
    troubles = {
        "fetch-404": error("Request not found", 404),
        "fetch-unknown": error("Invalid request id"),
        "fetch-key": error("Invalid API key", 401),
        "fetch-429": too_many(wait_seconds),
        "fetch-rate": error("Rate limit exceeded", retry_after=words.number("fetch-rate", 0)),
        "fetch-500": error("Internal server error. Please try again.", 500),
        "fetch-says": error(words.value("fetch-says", "Internal server error. Please try again.")),
        "fetch-409": web.json_response({"error": "conflict"}, status=409),
        "fetch-html": page(502),
        "fetch-forbidden": web.json_response({"message": "Forbidden"}, status=403),
        "fetch-garbage": web.Response(text="{", content_type="application/json"),
    }
    return next((answer for word, answer in troubles.items() if words.has(word, before)), None)


def _state(drawing: Drawing, url: str) -> web.Response:
    """How far an order is."""
    words = drawing.words
    if not drawing.is_done:
        return web.json_response(processing(drawing, url))
    drawing.is_over = True
    if words.has("fetch-failed"):
        said = words.value("fetch-failed", "Failed, Try Again")
        body = {"status": "failed", "id": drawing.id, "message": said, "output": ""}
        return web.json_response(body)
    if words.has("fetch-error"):
        return error(words.value("fetch-error", "Something broke"))
    return web.json_response(success(drawing, url))
