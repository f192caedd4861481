"""Addresses and what can be done there; everything else is 404 or 405."""

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
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/": "GET, HEAD",
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


MALFORMED = [
    NOBODY.upper(),
    NOBODY.replace("-", ""),
    "{" + NOBODY + "}",
    NOBODY[:-1],
    NOBODY + "0",
    "1",
    "none",
    "%00",
    NOBODY + "%0A",
    NOBODY + "%00",
    "..",
    "%2e%2e",
    "'",
    "%F0%9F%98%80",
]


@pytest.mark.parametrize("malformed", MALFORMED)
async def test_a_malformed_id_is_not_there(url: str, malformed: str) -> None:
    for path in (f"/api/plots/{malformed}", f"/api/characters/{malformed}/image/status"):
        for method in ("GET", "DELETE", "PUT"):
            told(await exchange(url, request(method, path)), 404, "not_found")


NOWHERE = [
    "/nothing",
    "/api",
    "/api/",
    "/API/plots",
    "/api/plots/",
    "//api/plots",
    "/api//plots",
    "/api/plots%0A",
    "/healthz/",
    "/healthz%0a",
    "/healthz;x",
    "/api/plots%00",
    "/%",
    "/%ff%fe",
    "/page",
    "/page/",
    "/page/nothing.js",
    "/favicon.ico",
    "/" + "a" * 10_000,
]


@pytest.mark.parametrize("path", NOWHERE)
async def test_at_any_other_address_there_is_nothing(url: str, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await exchange(url, request(method, path))
        if not (method == "POST" and path.startswith("/page/")):
            told(answer, 404, "not_found")


async def test_a_slash_after_an_id_is_another_address(waiting: Author, url: str) -> None:
    path = f"/api/plots/{await waiting.plot()}"
    for other in (f"{path}/", f"{path}//events", f"{path}/characters/", f"{path}%20"):
        told(await exchange(url, request("GET", other)), 404, "not_found")


NO_HTTP = [
    b"hello\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
    b"POST /api/plots HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"POST /api/plots HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
]


@pytest.mark.parametrize("raw", NO_HTTP)
async def test_what_is_not_http_is_a_problem_too(url: str, raw: bytes) -> None:
    refused = await exchange(url, raw)
    if refused.status != 405:
        told(refused, 400, "bad_request")
    assert refused.header("Content-Type") == "application/problem+json"
    assert refused.header("X-Request-Id")
