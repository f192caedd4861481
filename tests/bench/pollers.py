"""The load client of those who poll: one kept connection each, and a question when it is due.

The same process as that of the readers, but for what its connections do: it asks for a status,
names what it has by `If-None-Match`, and asks again, each second of a clock of its own, or, where
it let the server hold the answer (`Prefer: wait`), as soon as that has come.
"""

import heapq
import re
import select
import time
from contextlib import suppress
from dataclasses import dataclass, field

from bench.readers import Crowd, Json, lift
from bench.wires import Reader, new_wire

ETAG = re.compile(rb"\r\netag: ([^\r]+)\r\n", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
END = b"\r\n\r\n"
NS = 1_000_000_000


@dataclass(eq=False)
class Poller(Reader):
    """One who polls."""

    path: str = ""
    etag: str = ""
    answer: bytes = b""
    """What has come of the newest answer so far."""
    is_asking: bool = False
    due_ns: int = 0
    """When it asks next."""
    wait_seconds: int = 0
    """How long the server may hold the next answer; 0: not at all."""


@dataclass(order=True)
class Due:
    """A question that is to be asked."""

    at_ns: int
    poller: Poller = field(compare=False)


class Pollers(Crowd):
    """All who poll."""

    takes = True

    def __init__(self) -> None:
        super().__init__()
        self._due: list[Due] = []
        self._port = 0
        self._wait_seconds = 0
        self._refused = 0

    def do_poll(self, port: int, paths: list[str], wait_seconds: int, seconds: float) -> Json:
        """Connect all, ask once, and from then on poll, evenly spread; `seconds` is for the first.

        With `wait_seconds` the first waits differ from one to the next, so that from then on the
        answers come evenly spread as well.
        """
        self._port, self._wait_seconds = port, wait_seconds
        now_ns = time.monotonic_ns()
        for number, path in enumerate(paths):
            wire = new_wire()
            with suppress(BlockingIOError):
                wire.connect(("127.0.0.1", port))
            poller = Poller(self._made, b"", wire, now_ns, path=path)
            self._made += 1
            poller.due_ns = now_ns + NS * number // len(paths)
            if wait_seconds:
                poller.wait_seconds = 1 + wait_seconds * number // len(paths)
            self._readers[wire.fileno()] = poller
            self._poll.register(wire, select.EPOLLIN | select.EPOLLET)
            heapq.heappush(self._due, Due(poller.due_ns, poller))
        until_ns = now_ns + int(seconds * NS)
        while (left := self._unanswered()) and not self._faults:
            self.turn(0.05)
            if time.monotonic_ns() > until_ns:
                self._faults.append(f"{left} of {len(paths)} were not answered")
        return {"faults": self._take_faults()}

    def do_refusals(self) -> Json:
        """How often the server had no time, since the last time."""
        refused, self._refused = self._refused, 0
        return {"refused": refused}

    def do_close(self) -> Json:
        """Cut all connections, and ask nothing more."""
        self._due.clear()
        return super().do_close()

    def turn(self, timeout_seconds: float) -> None:
        """Ask what is due, then take what comes until the next is due."""
        now_ns = time.monotonic_ns()
        while self._due and self._due[0].at_ns <= now_ns:
            poller = heapq.heappop(self._due).poller
            if not poller.is_asking:
                self._ask(poller)
            if not self._wait_seconds:
                poller.due_ns += NS
                heapq.heappush(self._due, Due(poller.due_ns, poller))
        if self._due:
            timeout_seconds = min(timeout_seconds, max(0, self._due[0].at_ns - now_ns) / NS)
        super().turn(timeout_seconds)

    def take(self, reader: Reader, piece: bytes) -> None:
        """A piece of an answer; when it is whole, the next question."""
        assert isinstance(reader, Poller)
        reader.answer += piece
        head, found, body = reader.answer.partition(END)
        length = LENGTH.search(head + b"\r\n")
        is_unchanged = head.startswith(b"HTTP/1.1 304")
        if not found or (not is_unchanged and length and len(body) < int(length[1])):
            return
        if head.startswith(b"HTTP/1.1 503"):  # too many ask: whoever polls just asks again
            self._refused += 1
            reader.answer, reader.is_asking = b"", False
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")):
            self._lose(reader, f"was answered {head[:60]!r}")
            return
        if tag := ETAG.search(head + b"\r\n"):
            reader.etag = tag[1].decode()
        reader.answer, reader.is_asking = b"", False
        if not reader.first_ns:
            reader.first_ns = time.monotonic_ns()
        elif self._wait_seconds:
            reader.wait_seconds = self._wait_seconds
        if self._wait_seconds:
            self._ask(reader)

    def _unanswered(self) -> int:
        return sum(not one.first_ns for one in self._readers.values())

    def _ask(self, poller: Poller) -> None:
        lines = [f"GET {poller.path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        if poller.etag:
            lines.append(f"If-None-Match: {poller.etag}")
        if poller.etag and poller.wait_seconds:
            lines.append(f"Prefer: wait={poller.wait_seconds}")
        poller.is_asking = True
        try:
            poller.wire.send("\r\n".join([*lines, "", ""]).encode())
        except OSError as error:
            self._lose(poller, str(error))


if __name__ == "__main__":
    lift()
    Pollers().run()
