"""Addresses at which there is nothing, and what is no HTTP at all."""

import pytest

from stage.author import Author
from stage.wire import exchange, request
from web.shapes import NOBODY, told

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
