"""Events as bytes, in the format of the WHATWG HTML standard. Each is encoded once per process."""

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
        event.frame = message.encode()
    return event.frame


def heartbeat_frame() -> bytes:
    """What a silent stream says: an event and not a comment, since a page can't see comments."""
    data = encode({"at": rfc3339(datetime.now(UTC))}).decode()
    return ServerSentEvent(data, event="heartbeat", sep="\n").encode()


def retry_frame(milliseconds: int) -> bytes:
    """How long a client shall wait before it comes back."""
    return ServerSentEvent(retry=milliseconds, sep="\n").encode()
