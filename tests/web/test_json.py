"""Whether a body is JSON, and an object."""

import pytest

from stage.wire import exchange, request
from web.shapes import told

NO_JSON = [
    b"",
    b" ",
    b"{",
    b'{"title":"x"}}',
    b"{'title':'x'}",
    b'{"title":"x",}',
    b"\xef\xbb\xbf" + b'{"title":"x"}',
    '{"title":"x"}'.encode("utf-16"),
    b'{"title":"\xff"}',
    b'{"title":"\xed\xa0\x80"}',
    b'{"title":"a\nb"}',
    b'{"title":NaN}',
    b'{"title":Infinity}',
    b'{"title":-Infinity}',
    b'{"title":01}',
    b"[" * 30_000,
    b'{"a":' * 10_000,
]


@pytest.mark.parametrize("body", NO_JSON)
async def test_what_is_not_json_is_refused_as_such(url: str, body: bytes) -> None:
    told(await exchange(url, request("POST", "/api/plots", body)), 400, "bad_json")


@pytest.mark.parametrize("body", ["[]", "null", "true", "1", '"x"', '[{"title":"x"}]', "1" * 5000])
async def test_json_that_is_no_object_is_refused_as_a_whole(url: str, body: str) -> None:
    refused = await exchange(url, request("POST", "/api/plots", body.encode()))
    assert told(refused, 422, "invalid_request") == [""]


async def test_of_a_member_given_twice_the_last_counts(url: str) -> None:
    made = await exchange(url, request("POST", "/api/plots", b'{"title":"x","title":"y"}'))
    assert made.json["title"] == "y"
