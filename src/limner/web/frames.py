"""Events as bytes, in the format of the WHATWG HTML standard. Each is encoded once per process.

A frame is an event as a chunk of HTTP/1.1 (RFC 9112, section 7.1): so it goes to the wire as it is,
to however many readers.
"""

from datetime import UTC, datetime

from sse_starlette.event import ServerSentEvent

from limner.bus.events import Event, StatusEvent
from limner.domain.transition import rfc3339
from limner.encoding import encode


def frame_of(event: Event) -> bytes:
    """The bytes of an event; the first reader pays for them."""
    if not event.frame:
        event.frame = _framed(_body(event))
    return event.frame


def heartbeat_frame() -> bytes:
    """What a silent stream says: an event and not a comment, since a page can't see comments."""
    data = encode({"at": rfc3339(datetime.now(UTC))}).decode()
    return _framed(ServerSentEvent(data, event="heartbeat", sep="\n").encode())


def retry_frame(milliseconds: int) -> bytes:
    """How long a client shall wait before it comes back."""
    return _framed(ServerSentEvent(retry=milliseconds, sep="\n").encode())


def body_of(frame: bytes) -> bytes:
    """The event in a frame, for a server that makes chunks by itself."""
    return frame[frame.index(b"\n") + 1 : -2]


def _body(event: Event) -> bytes:
    """An event as the standard has it.

    JSON as Limner writes it is one line, and is put there as it is, since a thousand readers who
    come back may have a hundred thousand of them to get. Who else publishes may write it in many.
    """
    name, number = ("status", event.seq) if isinstance(event, StatusEvent) else (event.name, None)
    if b"\n" in event.data or b"\r" in event.data:
        identity = None if number is None else str(number)
        data = event.data.decode()
        return ServerSentEvent(data, event=name, id=identity, sep="\n").encode()
    head = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\ndata: %b\n\n" % (head, name.encode(), event.data)


def _framed(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)
