"""Bodies: how large, and of what type."""

import json

import pytest

from stage.author import Author
from stage.wire import connected, exchange, request
from web.shapes import told

LIMIT = 64 * 1024
TOO_LARGE = "body_too_large"


def body_of(size: int) -> bytes:
    """A valid plot of so many bytes."""
    plain = b'{"title":"x"}'
    return plain + b" " * (size - len(plain))


def in_chunks(body: bytes) -> bytes:
    """A body without a length, in chunks of 10,000 bytes."""
    pieces = [body[start : start + 10_000] for start in range(0, len(body), 10_000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


async def test_a_body_may_have_64_kib_and_no_byte_more(url: str) -> None:
    fits = await exchange(url, request("POST", "/api/plots", body_of(LIMIT)))
    assert fits.status == 201
    told(await exchange(url, request("POST", "/api/plots", body_of(LIMIT + 1))), 413, TOO_LARGE)


CHUNKED = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}


async def test_a_body_without_a_length_has_the_same_limit(url: str) -> None:
    for size, status in ((LIMIT, 201), (LIMIT + 1, 413)):
        raw = request("POST", "/api/plots", in_chunks(body_of(size)), **CHUNKED)
        assert (await exchange(url, raw)).status == status


async def test_a_length_that_is_far_too_large_is_refused_before_anything_is_sent(url: str) -> None:
    for length in (LIMIT + 1, 10**18):
        raw = request("POST", "/api/plots", b"", Content_Length=str(length))
        told(await exchange(url, raw), 413, TOO_LARGE)


async def test_a_body_without_an_end_is_refused_at_the_limit(url: str) -> None:
    async with connected(url) as wire:
        await wire.send(request("POST", "/api/plots", b"", **CHUNKED))
        await wire.send(in_chunks(body_of(LIMIT + 1))[: -len(b"0\r\n\r\n")])
        told(await wire.reply(), 413, TOO_LARGE)


async def test_a_client_that_sends_far_too_much_hears_why_and_may_go_on(url: str) -> None:
    async with connected(url) as wire:
        await wire.send(request("POST", "/api/plots", body_of(8_000_000)))
        told(await wire.reply(), 413, TOO_LARGE)
        await wire.send(request("POST", "/api/plots", body_of(100)))
        assert (await wire.reply()).status == 201


async def test_a_client_that_waits_for_leave_to_send_is_given_it(url: str) -> None:
    async with connected(url) as wire:
        body = body_of(100)
        asked = request("POST", "/api/plots", b"", Content_Length="100", Expect="100-continue")
        await wire.send(asked)
        assert (await wire.head())[0] == 100
        await wire.send(body)
        assert (await wire.reply()).status == 201


async def test_a_client_that_leaves_in_the_middle_breaks_nothing(author: Author, url: str) -> None:
    async with connected(url) as wire:
        await wire.send(request("POST", "/api/plots", b'{"title"', Content_Length="100"))
    assert (await author.ask("GET", "/healthz")).status == 200


TYPES = ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="utf-8"']
NO_TYPES = ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", "", "json"]


@pytest.mark.parametrize("content_type", TYPES)
async def test_json_by_its_type_is_read(url: str, content_type: str) -> None:
    raw = request("POST", "/api/plots", b'{"title":"x"}', Content_Type=content_type)
    assert (await exchange(url, raw)).status == 201


@pytest.mark.parametrize("content_type", NO_TYPES)
async def test_what_is_not_json_by_its_type_is_not_read(url: str, content_type: str) -> None:
    raw = request("POST", "/api/plots", b'{"title":"x"}', Content_Type=content_type)
    told(await exchange(url, raw), 415, "unsupported_media_type")


async def test_a_body_without_a_type_is_not_read(url: str) -> None:
    raw = request("POST", "/api/plots", Content_Length="13") + b'{"title":"x"}'
    told(await exchange(url, raw), 415, "unsupported_media_type")
    told(await exchange(url, request("POST", "/api/plots")), 415, "unsupported_media_type")


async def test_every_body_is_read_with_the_same_care(waiting: Author, url: str) -> None:
    plot_id = await waiting.plot()
    character_id = await waiting.character(plot_id)
    for method, path in (
        ("PATCH", f"/api/plots/{plot_id}"),
        ("POST", f"/api/plots/{plot_id}/characters"),
        ("PATCH", f"/api/characters/{character_id}"),
        ("POST", f"/api/characters/{character_id}/image"),
    ):
        for body, status, code in (
            (body_of(LIMIT + 1), 413, TOO_LARGE),
            (b"{", 400, "bad_json"),
            (b"[]", 422, "invalid_request"),
            (json.dumps({"nonsense": 1}).encode(), 422, "invalid_request"),
        ):
            told(await exchange(url, request(method, path, body)), status, code)
        wrong_type = request(method, path, b"{}", Content_Type="text/plain")
        told(await exchange(url, wrong_type), 415, "unsupported_media_type")
