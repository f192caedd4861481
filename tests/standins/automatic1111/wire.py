"""Its HTTP: routes, passwords, errors, and connections that break."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Self

from aiohttp import web

from .answers import abort, drawn_response, refused_response
from .orders import WORDS, RefusalError, Txt2Img, read_order, refused
from .studio import Studio

SERVER_WORDS: Final = {
    "noapi": "started without --api: there is nothing under /sdapi",
    "nowebui": "started with --nowebui: there is nothing under /internal",
    "old": "a release before 1.8, which overlooks force_task_id",
    "forge": "refuses a checkpoint that there is not, instead of drawing with another",
    "bare": "no checkpoint at all",
    "auth=USER:PASSWORD": "started with --api-auth",
    "seconds=N": "what one drawing takes; 5, if not given",
}
"""What it can be told at its start; any word of `orders.WORDS` is for the next order."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Automatic1111Standin:
    """The server on loopback.

    Args:
        behave: words of `SERVER_WORDS`, and of `orders.WORDS` for the first orders.
        seconds: what one drawing takes.
    """

    def __init__(self, *behave: str, seconds: float = 0.0) -> None:
        told = dict(word.split("=", 1) for word in behave if "=" in word)
        self._words = frozenset(behave)
        self._pair = told.get("auth")
        self.studio = Studio(
            seconds=float(told.get("seconds", seconds)), is_forge="forge" in behave
        )
        self.studio.scripted.extend(word for word in behave if word in WORDS)
        if "bare" in behave:
            self.studio.checkpoints.clear()
        self.asked: list[str] = []
        """Paths and queries, as they were asked for; no header is kept."""
        self.left: asyncio.Queue[str] = asyncio.Queue()
        """The tasks whose connections were closed before they were answered."""
        self.broken: frozenset[str] = frozenset()
        """Paths that answer with a failure."""
        self.hanging: frozenset[str] = frozenset()
        """Paths that do not answer."""
        self.url = ""
        self._drawings: set[asyncio.Task[dict[str, Any]]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Serve."""
        self._runner = web.AppRunner(
            self.application(), handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def application(self) -> web.Application:
        """What it serves."""
        app = web.Application(middlewares=[self._around])
        app.on_cleanup.append(self._stop_drawing)
        if "noapi" not in self._words:
            app.router.add_post("/sdapi/v1/txt2img", self._txt2img)
            app.router.add_get("/sdapi/v1/progress", self._progress)
            app.router.add_post("/sdapi/v1/interrupt", self._interrupt)
            app.router.add_post("/sdapi/v1/skip", self._skip)
            app.router.add_get("/sdapi/v1/sd-models", self._models)
        if "nowebui" not in self._words:
            app.router.add_post("/internal/progress", self._task)
            app.router.add_get("/internal/pending-tasks", self._pending)
        return app

    @web.middleware
    async def _around(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        began = time.monotonic()
        self.asked.append(request.path_qs)
        try:
            await self._admit(request)
            response = await handler(request)
        except RefusalError as refusal:
            response = refused_response(refusal)
        except web.HTTPException as error:
            words = "Method Not Allowed" if error.status == 405 else "Not Found"
            response = web.json_response({"detail": words}, status=error.status)
        if not response.prepared:
            response.headers["X-Process-Time"] = str(round(time.monotonic() - began, 4))
        return response

    async def _admit(self, request: web.Request) -> None:
        if request.path in self.hanging:
            await asyncio.Event().wait()
        if request.path in self.broken:
            raise RefusalError(500, refused("AssertionError", "", "no such thing"))
        # the password is wanted by the API, and not by the routes of the server's own page
        if self._pair is None or not request.path.startswith("/sdapi"):
            return
        wanted = f"Basic {base64.b64encode(self._pair.encode()).decode()}"
        if request.headers.get("Authorization") != wanted:
            told = {"detail": "Incorrect username or password"}
            raise RefusalError(401, told, {"WWW-Authenticate": "Basic"})

    async def _txt2img(self, request: web.Request) -> web.StreamResponse:
        scripted = {self.studio.scripted.popleft()} if self.studio.scripted else set()
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        order = read_order(body, frozenset(scripted))
        if "echo" in order.words:
            header = request.headers.get("Authorization", "")
            raise RefusalError(500, refused("AssertionError", "", f"{header} {self._pair}"))
        task = str(order.body.get("force_task_id") or f"task(txt2img-{len(self.studio.orders)})")
        if "old" in self._words:
            task = f"task(txt2img-{len(self.studio.orders)})"
        # the original draws on in a thread of its own, whoever waits for it or not
        drawing = asyncio.create_task(self.studio.txt2img(order, task), name=task)
        self._drawings.add(drawing)
        drawing.add_done_callback(self._forget)
        if order.words & {"reset", "504"}:
            return await self._fail(request, order)
        try:
            answer = await asyncio.shield(drawing)
        except asyncio.CancelledError:
            self.left.put_nowait(task)
            raise
        return await drawn_response(request, order, answer)

    def _forget(self, drawing: asyncio.Task[dict[str, Any]]) -> None:
        self._drawings.discard(drawing)
        if not drawing.cancelled():
            drawing.exception()  # nobody may be left to hear of it

    async def _fail(self, request: web.Request, order: Txt2Img) -> web.StreamResponse:
        await order.middle.wait()
        if "504" in order.words:
            raise RefusalError(504, "<html><title>Gateway Time-out</title></html>")
        abort(request)
        return web.Response()

    async def _progress(self, request: web.Request) -> web.Response:
        state = self.studio.state
        told: dict[str, Any] = {"progress": 0.0, "eta_relative": 0.0, "current_image": None}
        if state.job_count != 0:
            done = min(0.01 + state.fraction(), 1.0)
            passed = time.monotonic() - state.began
            told |= {"progress": done, "eta_relative": passed / done - passed}
            if request.query.get("skip_current_image", "false") != "true":
                told["current_image"] = self.studio.preview(-1)[0]
        return web.json_response({**told, "state": state.shown(), "textinfo": None})

    async def _task(self, request: web.Request) -> web.Response:
        asked = await request.json()
        studio, task = self.studio, asked.get("id_task")
        told: dict[str, Any] = {
            "active": task == studio.current,
            "queued": task in studio.pending,
            "completed": task in studio.finished,
            "progress": None,
            "eta": None,
            "live_preview": None,
            "id_live_preview": -1,
            "textinfo": "Waiting...",
        }
        if told["queued"]:
            place = list(studio.pending).index(task) + 1
            told["textinfo"] = f"In queue: {place}/{len(studio.pending)}"
        if told["active"]:
            done, passed = studio.state.fraction(), time.monotonic() - studio.state.began
            told |= {"progress": done, "eta": passed / done - passed if done else None}
            told |= {"id_live_preview": asked.get("id_live_preview", -1), "textinfo": None}
            if asked.get("live_preview", True):
                image, number = studio.preview(asked.get("id_live_preview", -1))
                told["id_live_preview"] = number
                told["live_preview"] = image and f"data:image/png;base64,{image}"
        return web.json_response(told)

    async def _pending(self, _: web.Request) -> web.Response:
        tasks = list(self.studio.pending)
        return web.json_response({"size": len(tasks), "tasks": tasks})

    async def _interrupt(self, _: web.Request) -> web.Response:
        self.studio.interrupt()
        return web.json_response({})

    async def _skip(self, _: web.Request) -> web.Response:
        self.studio.state.skipped = True
        return web.json_response({})

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response(self.studio.checkpoints)

    async def _stop_drawing(self, _: web.Application) -> None:
        for drawing in tuple(self._drawings):
            drawing.cancel()
        await asyncio.gather(*self._drawings, return_exceptions=True)


def application(behave: Sequence[str] = ()) -> web.Application:
    """What it serves a person, told how to behave by words of `SERVER_WORDS` and `WORDS`."""
    return Automatic1111Standin(*behave, seconds=5.0).application()
