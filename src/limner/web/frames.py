"""Events as bytes, in the format of the WHATWG HTML standard. Each is encoded once per process.

A frame is an event as a chunk of HTTP/1.1 (RFC 9112, section 7.1): so it goes to the wire as it is,
to however many readers.
"""

from datetime import UTC, datetime

from sse_starlette.event import ServerSentEvent

from limner.bus.events import Event, StatusEvent
from limner.domain.transition import encode, rfc3339


def frame_of(event: Event) -> bytes:
    """The bytes of an event; the first reader pays for them."""
    if not event.frame:
        data = event.data.decode()
        if isinstance(event, StatusEvent):
            message = ServerSentEvent(data, event="status", id=str(event.seq), sep="\n")
        else:
            message = ServerSentEvent(data, event=event.name, sep="\n")
        event.frame = _framed(message)
    return event.frame


def heartbeat_frame() -> bytes:
    """What a silent stream says: an event and not a comment, since a page can't see comments."""
    data = encode({"at": rfc3339(datetime.now(UTC))}).decode()
    return _framed(ServerSentEvent(data, event="heartbeat", sep="\n"))


def retry_frame(milliseconds: int) -> bytes:
    """How long a client shall wait before it comes back."""
    return _framed(ServerSentEvent(retry=milliseconds, sep="\n"))


def body_of(frame: bytes) -> bytes:
    """The event in a frame, for a server that makes chunks by itself."""
    return frame[frame.index(b"\n") + 1 : -2]


def _framed(message: ServerSentEvent) -> bytes:
    body = message.encode()
    return b"%x\r\n%b\r\n" % (len(body), body)
