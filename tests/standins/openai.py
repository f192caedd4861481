"""A server that speaks OpenAI's images API, as OpenAI does and as gateways in front of it do.

An order is drawn as it asks to be, unless a behaviour is scripted for it: the next in `script`, or
a word in brackets in its prompt, so that a running server can be told by whoever draws with it:
`a wizard [reset]`. The behaviours are the keys of `REFUSALS` and of `ACTS`, and `seconds:10` is how
long a drawing takes, if it is one.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from .openai_acts import ACTS, Room, stream
from .openai_rules import (
    GPT_IMAGES,
    KEY,
    MODELS,
    PICKY,
    REFUSALS,
    Json,
    Refusal,
    error,
    why_refused,
)
from .openai_wire import answer, completed, frame, partial, picture64, plain, portrait

_WORD: Final = re.compile(r"\[([\w:.-]+)\]")
_SECONDS: Final = "seconds:"


class OpenAIStandin:
    """The server: `async with OpenAIStandin() as server`.

    Args:
        script: behaviours of the next orders, in turn.
        always: those of every order that has none of its own.
        key: what it wants to be shown; None: it wants none.
        port: 0 is a free one.
    """

    def __init__(
        self,
        script: Sequence[str] = (),
        *,
        always: Sequence[str] = (),
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        self.script = deque(script)
        self._always = [_known(word) for word in always]
        self.orders: list[Json] = []
        """Every order as it was sent, refused or not."""
        self.taken = 0
        """Orders that were drawn, or begun to be, and are paid."""
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self.headers: list[dict[str, str]] = []
        """Of every request, in lower case; of a key only whether it was the right one."""
        self.has_models = True
        """Whether `/models/…` is served beside `/models`."""
        self.models_behave = ""
        """A behaviour of both."""
        self.room = Room()
        self.url = ""
        self._key, self._port = key, port
        self._runner = web.AppRunner(
            self.application(), handler_cancellation=True, shutdown_timeout=1, access_log=None
        )

    @property
    def base_url(self) -> str:
        """What clients call the base URL."""
        return f"{self.url}/v1"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.room.go_on.set()
        await self._runner.cleanup()

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application(middlewares=[self._note])
        app.router.add_post("/v1/images/generations", self._generate)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/models/{model:.+}", self._models)
        app.router.add_get("/files/{name}", self._file)
        return app

    @web.middleware
    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Write down who asks, and turn away who has no key."""
        self.asked[request.path] += 1
        shown = request.headers.get("Authorization")
        is_right = shown == f"Bearer {self._key}"
        headers = {name.lower(): value for name, value in request.headers.items()}
        if shown is not None:
            headers["authorization"] = "right" if is_right else "wrong"
        self.headers.append(headers)
        if self._key is None or is_right or request.path.startswith("/files/"):
            return await handler(request)
        if shown is None:
            return answer(401, error("You didn't provide an API key."))
        key = shown.removeprefix("Bearer ")
        if key.startswith("sk-"):
            key = f"{key[:8]}{'*' * 12}{key[-4:]}"
        told = f"Incorrect API key provided: {key}. You can find your API key elsewhere."
        return answer(401, error(told, code="invalid_api_key"))

    async def _models(self, request: web.Request) -> web.StreamResponse:
        model = request.match_info.get("model")
        if self.models_behave in ACTS:
            return await ACTS[self.models_behave](self.room, request, {})
        if self.models_behave:
            return _refused(REFUSALS[self.models_behave])
        if model is None:
            models = [{"id": each, "object": "model"} for each in MODELS]
            return answer(200, {"object": "list", "data": models})
        if not self.has_models:
            raise web.HTTPNotFound
        if model not in MODELS:
            return answer(404, error(f"The model '{model}' does not exist", code="model_not_found"))
        return answer(200, {"id": model, "object": "model"})

    async def _file(self, request: web.Request) -> web.Response:
        name, count = request.match_info["name"], self.asked[request.path]
        if name.startswith("late") and count == 1:
            raise web.HTTPNotFound
        if name.startswith("page"):
            return web.Response(text="<html>Your image is being prepared.</html>")
        return web.Response(body=portrait(name), content_type="image/png")

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        try:
            form = await request.json()
        except ValueError:
            return answer(400, error("We could not parse the JSON body of your request."))
        self.orders.append(form)
        refusal = why_refused(form)
        if refusal is None:
            word = self._behaviour(form)
            refusal = REFUSALS.get(word)
            if refusal is None or (word in PICKY and PICKY[word] not in form):
                self.taken += 1
                self.room.arrived.set()
                return await self._draw(request, form, word)
        return _refused(refusal)

    def _behaviour(self, form: Json) -> str:
        if self.script:
            return _known(self.script.popleft())
        words = [*_WORD.findall(form["prompt"]), *self._always]
        return next((word for word in words if word in REFUSALS or word in ACTS), "")

    def _seconds(self, form: Json) -> float:
        words = [*_WORD.findall(form["prompt"]), *self._always, f"{_SECONDS}0"]
        word = next(word for word in words if word.startswith(_SECONDS))
        return float(word.removeprefix(_SECONDS))

    async def _draw(self, request: web.Request, form: Json, word: str) -> web.StreamResponse:
        act = ACTS.get(word)
        if act is not None:
            return await act(self.room, request, form)
        if form.get("stream") is True and form["model"] in GPT_IMAGES:
            count = int(form.get("partial_images", 0))
            frames = [frame(partial(form, index)) for index in range(count)]
            pause_seconds = self._seconds(form) / (count + 1)
            return await stream(
                request, *frames, frame(completed(form)), pause_seconds=pause_seconds
            )
        await asyncio.sleep(self._seconds(form))
        if form["model"] not in GPT_IMAGES and form.get("response_format", "url") == "url":
            return answer(200, plain(url=f"{request.url.origin()}/files/portrait.png"))
        return answer(200, plain(b64_json=picture64(form["prompt"]), revised_prompt="A portrait"))


def _known(word: str) -> str:
    if word in REFUSALS or word in ACTS or word.startswith(_SECONDS):
        return word
    raise ValueError(f"{word} is none of {', '.join([*ACTS, *REFUSALS])}, {_SECONDS}10")


def _refused(refusal: Refusal) -> web.Response:
    kind = "text/html" if isinstance(refusal.body, str) else refusal.kind
    return answer(refusal.status, refusal.body, kind, {**refusal.headers})


def application(behave: Sequence[str] = ()) -> web.Application:
    """The server's routes, for whoever runs it by hand.

    Args:
        behave: behaviours of every order that has none of its own.
    """
    return OpenAIStandin(always=behave).application()
