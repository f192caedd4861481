"""What can be done at each address; everything else is 405."""

import pytest

from stage.author import Author
from stage.wire import exchange, request
from web.shapes import NOBODY, told

ROUTES = {
    "/api/plots": "GET, HEAD, POST",
    "/api/plots/{plot}": "DELETE, GET, HEAD, PATCH",
    "/api/plots/{plot}/characters": "POST",
    "/api/plots/{plot}/events": "GET, HEAD",
    "/api/characters/{character}": "DELETE, GET, HEAD, PATCH",
    "/api/characters/{character}/image": "POST",
    "/api/characters/{character}/image/status": "GET, HEAD",
    "/api/characters/{character}/image/events": "GET, HEAD",
    "/api/characters/{character}/image/cancel": "POST",
    "/api/characters/{character}/generations": "GET, HEAD",
    "/api/generations/{task}": "GET, HEAD",
    "/api/queue": "GET, HEAD",
    "/api/queue/events": "GET, HEAD",
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/": "GET, HEAD",
    "/queue": "GET, HEAD",
    "/page/app.js": "GET, HEAD",
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"]


async def filled(author: Author, route: str) -> str:
    """A route with ids of things that are there."""
    plot = await author.plot()
    character = await author.character(plot)
    task = (await author.draw(character))["task_id"]
    return route.format(plot=plot, character=character, task=task)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_method_that_is_not_allowed_is_told_which_are(
    waiting: Author, url: str, route: str
) -> None:
    path = await filled(waiting, route)
    allowed = ROUTES[route].split(", ")
    for method in METHODS:
        if method not in allowed:
            refused = await exchange(url, request(method, path))
            assert refused.status == 405
            if method != "HEAD":
                told(refused, 405, "method_not_allowed")
            assert refused.header("Allow") == ROUTES[route]
            assert refused.header("Content-Type") == "application/problem+json"


@pytest.mark.parametrize("route", [route for route, can in ROUTES.items() if "GET" in can])
async def test_head_is_get_without_the_body(waiting: Author, url: str, route: str) -> None:
    path = await filled(waiting, route)
    head = await exchange(url, request("HEAD", path))
    assert (head.status, head.raw) == (200, b"")
    if route.endswith("/events"):
        assert head.header("Content-Type") == "text/event-stream; charset=utf-8"
        return
    get = await exchange(url, request("GET", path))
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Retry-After"):
        if (route, name) != ("/api/queue", "Content-Length"):  # which tells the age of each
            assert head.header(name) == get.header(name)


async def test_a_head_of_what_is_not_there_is_404_without_a_body(url: str) -> None:
    for path in (f"/api/plots/{NOBODY}", "/nothing", f"/api/characters/{NOBODY}/image/events"):
        head = await exchange(url, request("HEAD", path))
        assert head.status == 404
        assert head.header("Content-Type") == "application/problem+json"


async def test_a_method_that_nobody_has_heard_of_is_not_allowed_either(url: str) -> None:
    refused = await exchange(url, request("BREW", "/api/plots"))
    told(refused, 405, "method_not_allowed")
    assert refused.header("Allow") == "DELETE, GET, HEAD, PATCH, POST"
    assert refused.header("X-Request-Id")
