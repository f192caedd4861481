"""Where the key of a ModelsLab account may be sent, and what of an answer is believed."""

import json

import pytest

from limner.domain.errors import ErrorCode
from limner.providers.http import Answer
from limner.providers.modelslab.handle import Handle
from limner.providers.modelslab.places import Places
from limner.providers.modelslab.refusals import code_of
from limner.providers.modelslab.replies import read_reply

KEY = "secret-key"


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://modelslab.com/api/v7/images/fetch/1", True),
        ("https://api.modelslab.com/fetch/1", True),
        ("https://stablediffusionapi.com/api/v4/fetch/1", True),
        ("https://MODELSLAB.com/fetch/1", True),
        ("https://proxy.example.org:8443/deep/fetch/1", True),
        ("https://proxy.example.org/fetch/1", False),
        ("http://proxy.example.org:8443/fetch/1", False),
        ("http://modelslab.com/fetch/1", False),
        ("https://modelslab.com:8443/fetch/1", False),
        ("https://modelslab.com.example.org/fetch/1", False),
        ("https://notmodelslab.com/fetch/1", False),
        ("https://modelslab.com@example.org/fetch/1", False),
        ("https://me:it@modelslab.com/fetch/1", False),
        ("https://example.org/modelslab.com", False),
        ("https://example.org\\@modelslab.com/", False),
        ("//modelslab.com/fetch/1", False),
        ("/api/v7/images/fetch/1", False),
        ("ftp://modelslab.com/fetch/1", False),
        ("https://[modelslab.com/fetch/1", False),
        ("https://modelslab.com:99999/", False),
        ("", False),
    ],
)
def test_the_key_goes_to_modelslab_and_to_where_the_settings_say_it_is(url: str, may: bool) -> None:  # noqa: FBT001 - a column of the table
    places = Places("https://proxy.example.org:8443/deep")
    assert places.may_have_key(url) is may
    asked = places.fetches(Handle("7", url))
    own = [f"https://proxy.example.org:8443/deep/api/{v}/images/fetch/7" for v in ("v7", "v6")]
    assert asked == ([url, *own] if may else own)


@pytest.mark.parametrize(
    "told",
    [
        {"id": "../../../evil"},
        {"id": ".."},
        {"id": "a b"},
        {"id": "1?key=2"},
        {"id": ""},
        {"id": True},
        {"id": None},
        {"id": [1]},
        {"id": KEY},
        {"id": "x" * 300},
        {"fetch_result": f"https://modelslab.com/fetch?key={KEY}"},
        {"fetch_result": "https://modelslab.com/" + "x" * 3000},
        {"fetch_result": 7},
        {"output": [f"https://example.org/{KEY}.png"]},
        {"output": ["data:image/png;base64,AAAA"]},
        {"output": [None]},
        {"output": {}},
        {"future_links": ["https://example.org/soon.png"]},
    ],
)
def test_what_can_not_be_believed_of_an_order_is_not_kept(told: dict[str, object]) -> None:
    body = json.dumps({"status": "success", **told}).encode()
    reply = read_reply(Answer(200, {}, body), KEY)
    assert reply is not None
    assert reply.handle == Handle(None)


@pytest.mark.parametrize("said", [True, [True], [False, True], "true", "Yes"])
def test_indecency_is_understood_in_every_spelling(said: object) -> None:
    body = json.dumps({"status": "success", "nsfw_content_detected": said}).encode()
    reply = read_reply(Answer(200, {}, body), KEY)
    assert reply is not None
    assert reply.is_indecent


@pytest.mark.parametrize("said", [False, [], [False], "", "no", None, 0])
def test_decency_is_understood_in_every_spelling(said: object) -> None:
    body = json.dumps({"status": "success", "nsfw_content_detected": said}).encode()
    reply = read_reply(Answer(200, {}, body), KEY)
    assert reply is not None
    assert not reply.is_indecent


@pytest.mark.parametrize("eta", ["NaN", "Infinity", '"nan"', "-3", "1e999", "true", "null", "[]"])
def test_an_expected_time_that_is_none_is_left_out(eta: str) -> None:
    reply = read_reply(Answer(200, {}, f'{{"status":"processing","eta":{eta}}}'.encode()), KEY)
    assert reply is not None
    assert reply.eta_seconds is None


def test_a_kept_handle_comes_back_as_it_was_and_fits_into_the_books() -> None:
    link = "https://example.org/" + '"' * 2480
    body = json.dumps(
        {"status": "success", "id": 1, "fetch_result": link, "output": [link], "proxy_links": []}
    ).encode()
    reply = read_reply(Answer(200, {}, body), KEY)
    assert reply is not None
    handle = Handle(reply.handle.id, link, (link, f"{link[:-1]}x"))
    assert Handle.from_json(handle.to_json()) == handle
    assert len(handle.to_json()) < 16_000


@pytest.mark.parametrize("status", [418, 499, 520, 599])
def test_a_status_that_no_registry_knows_is_understood_too(status: int) -> None:
    body = b'{"status":"error","message":"hm"}'
    reply = read_reply(Answer(status, {}, body), KEY)
    assert reply is not None
    expected = ErrorCode.PROVIDER_UNAVAILABLE if status >= 500 else ErrorCode.PROVIDER_REJECTED
    assert code_of(reply) is expected
