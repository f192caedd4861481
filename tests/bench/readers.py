"""The load client: thousands of readers in one process, at a few microseconds an event.

Run as a process of its own, on the core that the server under test does not have. It is told what
to do by lines of JSON on its standard input and answers on its standard output (`audience.py` is
the other end). Sockets and epoll, edge-triggered, and no HTTP library: what comes is put aside with
the time, by the monotonic clock that all processes of a Linux machine share, and is looked into
only when it is asked for. So it says how much CPU it used itself: far from 1, and it was no limit.
"""

import json
import os
import re
import select
import sys
import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

from bench.wires import Reader, Wanted, new_wire

MARK = b'"seq":'
"""Stands once in every event that is counted, and in nothing else."""
NUMBER = re.compile(rb'"seq":(\d+)[,}]')
TAIL_BYTES = 32
"""Longer than what `NUMBER` finds: so an event in two pieces is found too."""
PIECE_BYTES = 16 * 1024
NICE = -10
"""Before the publisher on the same core, where we may: an arrival is stamped when it arrives."""
INPUT = 0
Json = dict[str, Any]


class Crowd:
    """All readers, and the loop that serves them."""

    takes = False
    """Whether what comes is looked into at once, by `take`."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._poll.register(INPUT, select.EPOLLIN)
        self._readers: dict[int, Reader] = {}
        self._opening: dict[int, Reader] = {}
        self._arrivals: list[tuple[int, int, bytes]] = []
        self._faults: list[str] = []
        self._needle = b""
        self._done: list[Reader] = []
        self._count = 0
        self._made = 0
        self._wanted: Wanted | None = None
        self._orders = b""

    def run(self) -> None:
        """Do what is asked until the input ends."""
        while True:
            self.turn(0.1)
            if self._wanted is not None:
                self._look_at_the_wanted(self._wanted)

    def turn(self, timeout_seconds: float) -> None:
        """Take all that has come."""
        readers, arrivals, now = self._readers, self._arrivals, time.monotonic_ns
        takes = self.takes
        for fd, mask in self._poll.poll(timeout_seconds):
            reader = readers.get(fd)
            if reader is None:
                self._attend(fd, mask)
                continue
            try:
                while True:
                    piece = reader.wire.recv(PIECE_BYTES)
                    arrivals.append((fd, now(), piece))
                    self._count += piece.count(MARK)
                    if takes:
                        self.take(reader, piece)
                    if len(piece) < PIECE_BYTES:
                        break
            except BlockingIOError:
                continue
            except OSError as error:
                self._lose(reader, str(error))
                continue
            if not piece:
                self._lose(reader, "the server ended the stream")

    def _attend(self, fd: int, mask: int) -> None:
        if fd == INPUT:
            self._listen()
        elif fd in self._opening:
            self._go_on(self._opening[fd], mask)

    def _listen(self) -> None:
        piece = os.read(INPUT, 1 << 20)
        if not piece:
            sys.exit(0)
        *orders, self._orders = (self._orders + piece).split(b"\n")
        for order in orders:
            said = json.loads(order)
            answer = getattr(self, f"do_{said.pop('do')}")(**said)
            _say(answer)

    def do_open(self, **asked: Any) -> Json:
        """Open a stream for each path, so many at once, until each has what is waited for."""
        place = asked["port"]
        needle = asked["until"].encode()
        paths = iter(asked["paths"])
        pending = len(asked["paths"])
        self._needle, self._done = needle, []
        limit_ns = time.monotonic_ns() + int(asked["seconds"] * 1e9)
        began_ns, began_cpu_ns = time.monotonic_ns(), time.process_time_ns()
        while len(self._done) < pending and not self._faults:
            while len(self._opening) < asked["at_once"] and (path := next(paths, None)):
                self._call(place, path, asked["headers"])
            self.turn(0.1)
            if time.monotonic_ns() > limit_ns:
                self._faults.append(f"only {len(self._done)} of {pending} streams were opened")
        ended_ns = time.monotonic_ns()
        seconds = (ended_ns - began_ns) / 1e9
        self._arrivals.clear()
        return {
            "seconds": seconds,
            "waited_ms": [(one.first_ns - one.called_ns) / 1e6 for one in self._done],
            "cpu_share": (time.process_time_ns() - began_cpu_ns) / 1e9 / seconds,
            "faults": self._take_faults(),
        }

    def do_reach(self, count: int, seconds: float) -> Json:
        """Count from now on; say a second time when so many events have come, or time is up."""
        self._count = 0
        self._wanted = Wanted(count, time.monotonic_ns() + int(seconds * 1e9))
        return {"armed": count}

    def do_collect(self) -> Json:
        """All events since the last time, each as the reader's index, the number and the time."""
        pieces: dict[int, bytes] = defaultdict(bytes)
        found = []
        for fd, at_ns, piece in self._arrivals:
            data = pieces[fd] + piece
            end = 0
            for match in NUMBER.finditer(data):
                end = match.end()
                reader = self._readers.get(fd)
                if reader is not None:
                    found.append((reader.index, int(match[1]), at_ns))
            pieces[fd] = data[max(end, len(data) - TAIL_BYTES) :]
        self._arrivals.clear()
        return {"arrivals": found, "faults": self._take_faults()}

    def do_close(self) -> Json:
        """Cut all connections."""
        for reader in [*self._readers.values(), *self._opening.values()]:
            reader.wire.close()
        self._readers.clear()
        self._opening.clear()
        self._arrivals.clear()
        self._made = 0
        return {"faults": self._take_faults()}

    def take(self, reader: Reader, piece: bytes) -> None:
        """Look into what has come: readers do not."""

    def _call(self, port: int, path: str, headers: str) -> None:
        wire = new_wire()
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n"
        reader = Reader(self._made, request.encode(), wire, time.monotonic_ns())
        self._made += 1
        with suppress(BlockingIOError):
            wire.connect(("127.0.0.1", port))
        self._opening[wire.fileno()] = reader
        self._poll.register(wire, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)

    def _go_on(self, reader: Reader, mask: int) -> None:
        wire = reader.wire
        try:
            if not reader.connected_ns and mask & select.EPOLLOUT:
                wire.send(reader.request)
                reader.connected_ns = time.monotonic_ns()
            while reader.connected_ns:
                piece = wire.recv(PIECE_BYTES)
                if not piece:
                    self._lose(reader, f"ended while it was opened: {reader.head[:300]!r}")
                    return
                reader.head += piece
        except BlockingIOError:
            pass
        except OSError as error:
            self._lose(reader, str(error))
            return
        if self._needle in reader.head:
            if not reader.head.startswith(b"HTTP/1.1 200 "):
                self._lose(reader, f"was answered {reader.head[:60]!r}")
                return
            reader.first_ns = time.monotonic_ns()
            reader.head = b""
            self._readers[wire.fileno()] = self._opening.pop(wire.fileno())
            self._done.append(reader)

    def _lose(self, reader: Reader, why: str) -> None:
        self._faults.append(f"stream {reader.index}: {why}")
        fd = reader.wire.fileno()
        self._readers.pop(fd, None)
        self._opening.pop(fd, None)
        reader.wire.close()

    def _look_at_the_wanted(self, wanted: Wanted) -> None:
        now_ns = time.monotonic_ns()
        if self._count >= wanted.count or self._faults or now_ns > wanted.until_ns:
            self._wanted = None
            cpu_ns = time.process_time_ns() - wanted.began_cpu_ns
            share = cpu_ns / (now_ns - wanted.began_ns)
            _say({"reached": self._count, "cpu_share": share, "cpu_seconds": cpu_ns / 1e9})

    def _take_faults(self) -> list[str]:
        faults, self._faults = self._faults, []
        return faults


def _say(answer: Json) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def lift() -> None:
    """Go before others on the same core, where we may."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)


if __name__ == "__main__":
    lift()
    Crowd().run()
