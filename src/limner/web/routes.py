"""All routes of Limner, on one page."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.convertors import Convertor, register_url_convertor  # codespell:ignore
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Receive, Scope, Send

from limner.web import characters, generations, health, images, plots, queue, streams
from limner.web.problems import METHOD_NOT_ALLOWED, NOT_FOUND, NOTHING_HERE, ProblemError

PAGE = Path(__file__).parent / "page"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Of its modules as well: after an update a page of old ones and new ones would be neither."""

Endpoint = Callable[[Request], Awaitable[Response]]
Exists = Callable[[Request], Awaitable[None]]


class IdConvertor(Convertor[str]):  # codespell:ignore
    """A UUID in lower case: anything else is an address at which there is nothing."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def convert(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands in the address."""
        return value


class Sha256Convertor(IdConvertor):
    """64 hexadecimal digits in lower case."""

    regex = "[0-9a-f]{64}"


class ExtensionConvertor(IdConvertor):
    """The extension of an image."""

    regex = "png|jpg|webp"


class Resource:
    """One address and what can be done there.

    An unknown method is answered after an unknown id: who may not know that a thing exists is not
    told what could be done with it.
    """

    def __init__(self, methods: dict[str, Endpoint], exists: Exists | None) -> None:
        self._methods = methods
        self._exists = exists
        allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
        self._allow = ", ".join(sorted(allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        if scope["path"].endswith("\n"):  # which the `$` of Starlette's patterns lets pass
            raise ProblemError(NOT_FOUND, NOTHING_HERE)
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = self._methods.get(method)
        if endpoint is None:
            if self._exists is not None:
                await self._exists(request)
            raise ProblemError(
                METHOD_NOT_ALLOWED, f"This takes {self._allow}.", headers={"Allow": self._allow}
            )
        response = await endpoint(request)
        await response(scope, receive, send)


class Page(StaticFiles):
    """The files of the web page."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file, with what a browser must know of it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(PAGE_HEADERS)
        return response


def resource(path: str, exists: Exists | None = None, **methods: Endpoint) -> Route:
    """A route to a `Resource`; the methods are named in lower case."""
    return Route(path, Resource({name.upper(): one for name, one in methods.items()}, exists))


async def index(_request: Request) -> Response:
    """`GET /`: the web page."""
    return FileResponse(PAGE / "index.html", headers=PAGE_HEADERS)


async def queue_page(_request: Request) -> Response:
    """`GET /queue`: the web page of those who run it."""
    return FileResponse(PAGE / "queue.html", headers=PAGE_HEADERS)


def routes() -> list[BaseRoute]:
    """Where everything is."""
    register_url_convertor("id", IdConvertor())
    register_url_convertor("sha256", Sha256Convertor())
    register_url_convertor("extension", ExtensionConvertor())
    plot, character = "/api/plots/{plot_id:id}", "/api/characters/{character_id:id}"
    plot_exists, character_exists = plots.exists, characters.exists
    return [
        resource("/api/plots", get=plots.index, post=plots.create),
        resource(plot, plot_exists, get=plots.show, patch=plots.change, delete=plots.remove),
        resource(f"{plot}/characters", plot_exists, post=characters.create),
        resource(f"{plot}/events", plot_exists, get=streams.of_plot),
        resource(
            character,
            character_exists,
            get=characters.show,
            patch=characters.change,
            delete=characters.remove,
        ),
        resource(f"{character}/image", character_exists, post=generations.create),
        resource(f"{character}/image/status", character_exists, get=generations.status),
        resource(f"{character}/image/events", character_exists, get=streams.of_character),
        resource(f"{character}/image/cancel", character_exists, post=generations.cancel),
        resource(f"{character}/generations", character_exists, get=generations.index),
        resource("/api/generations/{task_id:id}", generations.exists, get=generations.show),
        resource(
            "/api/generations/{task_id:id}/previews/{sha256:sha256}.webp",
            generations.exists,
            get=images.preview,
        ),
        resource(
            "/api/images/{sha256:sha256}.{extension:extension}", images.exists, get=images.show
        ),
        resource("/api/queue", get=queue.show),
        resource("/api/queue/events", get=streams.of_queue),
        resource("/healthz", get=health.live),
        resource("/readyz", get=health.ready),
        resource("/", get=index),
        resource("/queue", get=queue_page),
        Mount("/page", Page(directory=PAGE)),
    ]
