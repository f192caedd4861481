"""Events as bytes, in the format of the WHATWG HTML standard. Each is encoded once per process.

A frame is an event as a chunk of HTTP/1.1 (RFC 9112, section 7.1): so it goes to the wire as it is,
to however many readers.
"""

from datetime import UTC, datetime
from functools import cache

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
    return _framed(_encoded(data, "heartbeat", None))


def retry_frame(milliseconds: int) -> bytes:
    """How long a client shall wait before it comes back."""
    return _framed(ServerSentEvent(retry=milliseconds, sep="\n").encode())


def body_of(frame: bytes) -> bytes:
    """The event in a frame, for a server that makes chunks by itself."""
    return frame[frame.index(b"\n") + 1 : -2]


def _body(event: Event) -> bytes:
    """An event as the standard has it, by sse-starlette's encoder.

    It encodes the form of an event once, and JSON goes into that if it is one line, as Limner
    writes it: a thousand readers who come back may have a hundred thousand events to get. Who else
    publishes may write it in many lines; each such event is encoded by itself.
    """
    name, number = ("status", event.seq) if isinstance(event, StatusEvent) else (event.name, None)
    if b"\n" in event.data or b"\r" in event.data:
        identity = None if number is None else str(number)
        return _encoded(event.data.decode(), name, identity)
    if number is None:
        return _form(name, None) % event.data
    return _form(name, "%d") % (number, event.data)


@cache
def _form(name: str, identity: str | None) -> bytes:
    return _encoded("%b", name, identity)


def _encoded(data: str, name: str, identity: str | None) -> bytes:
    return ServerSentEvent(data, event=name, id=identity, sep="\n").encode()


def _framed(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)
