"""How JSON and moments are written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from limner.domain.estimate import Estimate
from limner.domain.status import Status
from limner.domain.transition import rfc3339
from limner.encoding import decode, encode


def test_json_is_compact_and_keeps_the_order_of_its_keys() -> None:
    assert encode({"b": [1, 2.5], "a": {"c": None}}) == b'{"b":[1,2.5],"a":{"c":null}}'


def test_json_is_utf_8_and_not_escapes() -> None:
    assert encode({"name": "Žofie 🦉"}) == '{"name":"Žofie 🦉"}'.encode()


def test_a_status_is_written_as_its_word() -> None:
    assert encode({"status": Status.PENDING}) == b'{"status":"pending"}'


def test_a_line_end_in_a_value_is_no_line_end_on_the_stream() -> None:
    assert b"\n" not in encode({"prompt": "one\ntwo\r\n"})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_have_is_null(number: float) -> None:
    assert encode({"progress": number}) == b'{"progress":null}'


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 2, tzinfo=UTC), {1}, "\ud800", Estimate(20, 30), {1: "one"}, 2**64],
)
def test_what_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode({"at": value})


def test_what_was_encoded_is_read_as_it_was() -> None:
    value = {"name": "Žofie 🦉", "seq": 2**53, "seconds": 0.1, "image": None, "is": [True, False]}
    assert decode(encode(dict(value))) == value


@pytest.mark.parametrize(
    "message", [b"", b"{", b'"\xff"', b"NaN", b"1e400", b'"\\ud800"', b"[" * 100_000, b"{} {}"]
)
def test_a_message_that_is_not_json_is_told_by_a_value_error(message: bytes) -> None:
    with pytest.raises(ValueError, match="line 1 column"):
        decode(message)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000000Z"),
        (
            datetime(2026, 1, 2, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            "2026-01-01T19:15:00.000000Z",
        ),
    ],
)
def test_a_moment_is_rfc_3339_in_utc_with_microseconds(moment: datetime, written: str) -> None:
    assert rfc3339(moment) == written
