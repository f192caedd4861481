"""Reading event streams: against the standard's algorithm, written down in the plainest way."""

import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.providers.openai.event_stream import EventReader, StreamEvent, StreamTooLongError

PLENTY = 1 << 30


def read_by(reader: EventReader, pieces: list[bytes]) -> list[StreamEvent]:
    return [event for piece in pieces for event in reader.feed(piece)]


def read(pieces: list[bytes], *, is_finished: bool = False) -> list[StreamEvent]:
    reader = EventReader(PLENTY, PLENTY)
    events = read_by(reader, pieces)
    last = reader.finish() if is_finished else None
    return [*events, last] if last is not None else events


def by_the_standard(text: str) -> list[StreamEvent]:
    """WHATWG HTML §9.2.6, on the whole text at once; what is not ended is dropped."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    events, name, data = [], "", ""
    for line in text.split("\n")[:-1]:
        if not line:
            if data:
                events.append(StreamEvent(name or "message", data[:-1]))
            name, data = "", ""
            continue
        field, colon, value = line.partition(":")
        if not field and colon:
            continue
        value = value[1:] if value[:1] == " " else value
        if field == "event":
            name = value
        elif field == "data":
            data += value + "\n"
    return [event for event in events if event.data]


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({0, len(whole), *(place % (len(whole) + 1) for place in places)})
    return [whole[start:end] for start, end in itertools.pairwise(marks)]


_ends = st.sampled_from(["\n", "\r", "\r\n"])
_words = st.text(
    st.sampled_from('ab :{}"\u00e9\u2028\u0085\x0b\x0c\x1c\ufeff\U0001f600\0'), max_size=6
)
_fields = st.sampled_from(
    ["data", "data", "data", "event", "id", "retry", "", "Data", "dat", "data ", " data"]
)
_lines = st.one_of(
    st.just(""),
    st.just(""),
    st.builds(
        lambda field, gap, words: f"{field}:{gap}{words}",
        _fields,
        st.sampled_from(["", " ", "  "]),
        _words,
    ),
    _fields,
    _words,
)
_streams = st.builds(
    lambda bom, lines: bom + "".join(line + end for line, end in lines),
    st.sampled_from(["", "\ufeff", "\ufeff\ufeff"]),
    st.lists(st.tuples(_lines, _ends), max_size=25),
)
_places = st.lists(st.integers(0, 10_000), max_size=30)


@given(_streams, _places)
def test_any_stream_cut_anywhere_gives_the_events_that_the_standard_gives(
    text: str, places: list[int]
) -> None:
    assert read(cut(text.encode(), places)) == by_the_standard(text)


@given(_streams)
def test_a_stream_that_comes_byte_by_byte_gives_the_same(text: str) -> None:
    assert read([bytes((byte,)) for byte in text.encode()]) == by_the_standard(text)


@given(_streams, _streams, _places)
def test_a_cut_off_end_gives_what_it_would_if_it_were_ended(
    text: str, more: str, places: list[int]
) -> None:
    whole = (text + more.strip("\r\n")).encode()
    assert read(cut(whole, places), is_finished=True) == by_the_standard(whole.decode() + "\n\n")


@given(st.binary(max_size=200), _places)
def test_any_bytes_give_events_and_no_error(data: bytes, places: list[int]) -> None:
    assert read(cut(data, places), is_finished=True) == read([data], is_finished=True)


def test_one_space_after_the_colon_is_no_part_of_the_value() -> None:
    whole = b"event:  x \ndata:  a\ndata:\tb\ndata:\ndata: c:d\n\n"
    assert read([whole]) == [StreamEvent(" x ", " a\n\tb\n\nc:d")]


def test_a_line_end_that_is_cut_in_two_is_one() -> None:
    assert read([b"data: a\r", b"\ndata: b\r\n\r", b"\n"]) == [StreamEvent("message", "a\nb")]
    assert read([b"data: a\r", b"", b"\ndata: b\n\n"]) == [StreamEvent("message", "a\nb")]


def test_an_event_is_given_as_soon_as_its_empty_line_is_there() -> None:
    reader = EventReader(PLENTY, PLENTY)
    assert reader.feed(b"event: x\rdata: 1\r") == []
    assert reader.feed(b"\r") == [StreamEvent("x", "1")]
    assert reader.feed(b"\ndata: 2\n") == []
    assert reader.feed(b"\n") == [StreamEvent("message", "2")]


@pytest.mark.parametrize(
    "piece",
    [
        b"x" * 100,
        b"data: " + b"x" * 94,
        b"data:" + b"x" * 10 + b"\n",
        b"data\n",
    ],
)
def test_what_is_kept_of_an_event_is_bounded(piece: bytes) -> None:
    reader = EventReader(1000, PLENTY)
    with pytest.raises(StreamTooLongError):
        read_by(reader, [piece] * 2000)


def test_events_that_are_done_do_not_count_for_the_next() -> None:
    reader = EventReader(1000, PLENTY)
    events = [
        reader.feed(b": " + b"-" * 400 + b"\ndata: " + b"x" * 500 + b"\n\n") for _ in range(20)
    ]
    assert all(len(found) == 1 for found in events)


def test_a_whole_stream_is_bounded() -> None:
    reader = EventReader(1000, 5000)
    with pytest.raises(StreamTooLongError):
        read_by(reader, [b"data: x\n\n"] * 600)
    assert len(EventReader(1000, 5000).feed(b"data: x\n\n" * 555)) == 555


def test_a_line_of_many_megabytes_costs_no_more_for_a_byte_than_a_short_one() -> None:
    value = {"b64_json": "A" * 16_000_000}
    whole = b"data: " + json.dumps(value).encode() + b"\n\n"
    pieces = [whole[start : start + 1024] for start in range(0, len(whole), 1024)]
    began = time.process_time()
    (event,) = read(pieces)
    assert json.loads(event.data) == value
    assert time.process_time() - began < 2, "looked through once, and not once for each piece"
