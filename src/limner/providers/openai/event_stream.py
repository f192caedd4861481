"""Reading an event stream, as the WHATWG HTML standard (§9.2.6) has it, from whatever pieces come.

What a client would need to come back with, `id` and `retry`, is passed over: the rest of a drawing
can't be asked for.
"""

from dataclasses import dataclass
from typing import Final

_BOM: Final = b"\xef\xbb\xbf"


class StreamTooLongError(Exception):
    """An event, or the whole stream, has more bytes than any should have."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream."""

    name: str
    """`message`, where the stream gives it none."""
    data: str
    """Its lines, with a line feed between them."""


class EventReader:
    """Makes events of bytes, cut anywhere. A line is looked through once, however long it is.

    Args:
        event_bytes: how long a line, and what is kept of an event, may become.
        stream_bytes: how long all of it may.
    """

    def __init__(self, event_bytes: int, stream_bytes: int) -> None:
        self._event_bytes = event_bytes
        self._left_bytes = stream_bytes
        self._is_first_line = True
        self._ended_in_cr = False
        self._pieces: list[bytes] = []
        self._name = b""
        self._data: list[bytes] = []
        self._held_bytes = 0

    def feed(self, chunk: bytes) -> list[StreamEvent]:
        """The events that are complete with these bytes.

        Raises:
            StreamTooLongError: and then no more may be fed.
        """
        if not chunk:
            return []
        self._left_bytes -= len(chunk)
        if self._left_bytes < 0:
            raise StreamTooLongError
        if self._ended_in_cr:
            chunk = chunk.removeprefix(b"\n")
        self._ended_in_cr = chunk.endswith(b"\r")
        events = []
        for piece in chunk.splitlines(keepends=True):  # at CR, LF and CRLF: of bytes, at no others
            end = piece.rstrip(b"\r\n")
            self._hold(end)
            event = self._take_line() if len(end) < len(piece) else None
            if event is not None:
                events.append(event)
        return events

    def finish(self) -> StreamEvent | None:
        """The event that the stream ended in, if it did.

        The standard drops it. Here it may be a picture that is paid for, from a server that does
        not send the last empty line; whether it is whole its JSON tells.
        """
        last = self._take_line() if self._pieces else None
        return last or self._take_event()

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > self._event_bytes:
            raise StreamTooLongError

    def _take_line(self) -> StreamEvent | None:
        line = b"".join(self._pieces)
        self._pieces.clear()
        self._held_bytes -= len(line)
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._take_event()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._held_bytes += len(value) + 1  # the line feed, so that empty lines count too
        elif field == b"event":
            self._name = value
        return None

    def _take_event(self) -> StreamEvent | None:
        name, lines = self._name, self._data
        self._name, self._data, self._held_bytes = b"", [], 0
        data = b"\n".join(lines)
        if not data:
            return None
        return StreamEvent(
            name.decode(errors="replace") or "message", data.decode(errors="replace")
        )
