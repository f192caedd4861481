"""Every answer carries an X-Request-Id: the caller's, if it is a sane one."""

import pytest

from stage.author import Author
from stage.wire import connected, exchange, request
from web.shapes import NOBODY

SANE = [
    "1",
    "a" * 128,
    "0b9a0b9a-0b9a-4b9a-8b9a-0b9a0b9a0b9a",
    "Root=1-67891233-abc",
    "a.b:c/d+e@f_g",
]
INSANE = ["", "a" * 129, "a b", "a\tb", "<script>", '"', "a;b", "\u00e9", "x\x7f", "{}"]


@pytest.mark.parametrize("given", SANE)
async def test_a_sane_id_comes_back(url: str, given: str) -> None:
    reply = await exchange(url, request("GET", "/healthz", X_Request_Id=given))
    assert reply.header("X-Request-Id") == given


@pytest.mark.parametrize("given", INSANE)
async def test_an_insane_id_is_replaced(url: str, given: str) -> None:
    reply = await exchange(url, request("GET", "/healthz", X_Request_Id=given))
    made = reply.header("X-Request-Id")
    assert made
    assert made != given
    assert made.isalnum()


async def test_no_two_answers_share_an_id_that_was_made_for_them(url: str) -> None:
    replies = [await exchange(url, request("GET", "/healthz")) for _ in range(10)]
    assert len({reply.header("X-Request-Id") for reply in replies}) == 10


async def test_every_answer_has_one(waiting: Author, url: str) -> None:
    character_id = await waiting.character(await waiting.plot())
    character = f"/api/characters/{character_id}"
    raws = {
        request("GET", "/"): 200,
        request("GET", "/page/app.js"): 200,
        request("GET", "/page/nothing"): 404,
        request("GET", "/nothing"): 404,
        request("GET", f"/api/plots/{NOBODY}/events"): 404,
        request("PUT", "/api/plots"): 405,
        request("BREW", "/api/plots"): 405,
        request("POST", f"{character}/image/cancel"): 409,
        request("POST", "/api/plots", b"x" * 70_000): 413,
        request("POST", "/api/plots", b"{}", Content_Type="text/plain"): 415,
        request("GET", "/api/plots", Host="evil.example"): 421,
        request("POST", "/api/plots", b"{}"): 422,
        request("POST", "/api/plots", b"{"): 400,
        request("GET", f"{character}/image/status", If_None_Match="*"): 304,
        request("HEAD", f"{character}/image/events"): 200,
        request("DELETE", character): 204,
    }
    for raw, status in raws.items():
        reply = await exchange(url, raw.replace(b"\r\n\r\n", b"\r\nX-Request-Id: mine\r\n\r\n", 1))
        assert reply.status == status, raw
        if not raw.startswith(b"BREW"):  # refused before its header was read
            assert reply.header("X-Request-Id") == "mine", raw


async def test_a_stream_has_one_from_its_first_byte(waiting: Author, url: str) -> None:
    plot_id = await waiting.plot()
    async with connected(url) as wire:
        await wire.send(request("GET", f"/api/plots/{plot_id}/events", X_Request_Id="mine"))
        status, fields = await wire.head()
    assert status == 200
    assert ("x-request-id", "mine") in fields
