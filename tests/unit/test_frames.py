"""Events as bytes: what sse-starlette would write, in a chunk of HTTP."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sse_starlette.event import ServerSentEvent

from limner.bus.events import HintEvent, StatusEvent
from limner.domain.status import Status
from limner.encoding import encode
from limner.web.frames import body_of, frame_of

TEXTS = st.text()


def status(seq: int, data: bytes) -> StatusEvent:
    return StatusEvent(seq, "a character", Status.PENDING, data)


@given(seq=st.integers(1, 2**62), text=TEXTS)
def test_a_status_is_framed_as_the_encoder_would(seq: int, text: str) -> None:
    data = encode({"prompt": text})
    wanted = ServerSentEvent(data.decode(), event="status", id=str(seq), sep="\n").encode()
    frame = frame_of(status(seq, data))
    assert frame == b"%x\r\n%b\r\n" % (len(wanted), wanted)
    assert body_of(frame) == wanted


@given(text=TEXTS)
def test_a_hint_is_framed_as_the_encoder_would(text: str) -> None:
    data = encode({"stage": text})
    wanted = ServerSentEvent(data.decode(), event="progress", sep="\n").encode()
    assert body_of(frame_of(HintEvent("progress", "a character", data))) == wanted


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_what_somebody_else_has_published_in_many_lines_stays_one_event(line_end: str) -> None:
    data = json.dumps({"seq": 3, "status": "pending"}, indent=2).replace("\n", line_end).encode()
    for event in (status(3, data), HintEvent("progress", "a character", data)):
        body = body_of(frame_of(event))
        lines = [line[6:] for line in body.splitlines() if line.startswith(b"data: ")]
        assert json.loads(b"\n".join(lines)) == json.loads(data)
        assert body.count(b"\n\n") == 1


def test_an_event_is_framed_once() -> None:
    event = status(1, b"{}")
    assert frame_of(event) is frame_of(event)


@pytest.mark.parametrize("seq", ["true", "false", "1.0", "18446744073709551616"])
def test_a_message_whose_number_is_none_is_not_a_status(seq: str) -> None:
    message = f'{{"seq":{seq},"character_id":"somebody","status":"pending"}}'
    with pytest.raises(ValueError, match="not a status object"):
        StatusEvent.parse(message.encode())
