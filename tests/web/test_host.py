"""Without authentication only loopback names are answered: others may be a page's own."""

import pytest

from stage.wire import exchange, request
from web.shapes import told

LOOPBACK = ["localhost", "127.0.0.1", "[::1]", "LocalHost", "foo.localhost", "a.b.LOCALHOST"]
LOOPBACK += ["127.0.0.2", "[0:0:0:0:0:0:0:1]"]
PORTS = ["", ":8000", ":80", ":1"]
OTHERS = [
    "evil.example",
    "0.0.0.0",  # noqa: S104  # a Host header, nothing listens there
    "[::]",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:8000",
    "evillocalhost",
    "localhost@evil.example",
    "evil.example@localhost",
    "[::1]evil.example",
    "[::1",
    "::1",
    "localhost:evil",
    "localhost:80:80",
    "localhost/",
    "localhost, evil.example",
    "local host",
    "192.168.0.1",
    "10.0.0.1",
    "2130706433",
    "0x7f.1",
    "",
    ":8000",
    "loc\u00e4lhost",
]


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("name", LOOPBACK)
async def test_a_loopback_name_is_answered(url: str, name: str, port: str) -> None:
    assert (await exchange(url, request("GET", "/healthz", Host=name + port))).status == 200


@pytest.mark.parametrize("host", OTHERS)
async def test_any_other_name_is_misdirected(url: str, host: str) -> None:
    for path in ("/healthz", "/api/plots", "/", "/page/app.js", "/nothing"):
        told(await exchange(url, request("GET", path, Host=host)), 421, "misdirected_request")


async def test_a_request_without_a_host_or_with_two_is_misdirected(url: str) -> None:
    for raw in (
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n\r\n",
    ):
        told(await exchange(url, raw), 421, "misdirected_request")


async def test_an_event_stream_is_misdirected_like_all_else(url: str) -> None:
    path = "/api/plots/0b9a0b9a-0b9a-4b9a-8b9a-0b9a0b9a0b9a/events"
    told(await exchange(url, request("GET", path, Host="evil.example")), 421, "misdirected_request")
