"""Sends alone: plain sockets in one loop, the floor under what any server in user space can do.

It takes connections on one port and answers with nothing but a head; on the next port a line `plot
text` is sent to every connection of this plot.
"""

import os
import select
import socket
from collections import defaultdict

PORT = "BENCH_PORT"
BACKLOG = 4096
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def main() -> None:
    """Serve until killed."""
    port = int(os.environ[PORT])
    doors = [_listening(port), _listening(port + 1)]
    poll = select.epoll()
    for door in doors:
        poll.register(door, select.EPOLLIN)
    readers: dict[str, list[socket.socket]] = defaultdict(list)
    callers: dict[int, socket.socket] = {}
    tellers: dict[int, bytes] = {}
    while True:
        for fd, _mask in poll.poll():
            if fd in {door.fileno() for door in doors}:
                door = next(door for door in doors if door.fileno() == fd)
                wire, _ = door.accept()
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                callers[wire.fileno()] = wire
                poll.register(wire, select.EPOLLIN)
                if door is doors[1]:
                    tellers[wire.fileno()] = b""
                continue
            said = callers[fd].recv(1 << 16)
            if not said:
                poll.unregister(fd)
            elif fd in tellers:
                *lines, tellers[fd] = (tellers[fd] + said).split(b"\n")
                for line in lines:
                    plot_id, _, event = line.partition(b" ")
                    _send(readers[plot_id.decode()], b"data: " + event + b"\n\n")
                    callers[fd].send(b"\n")
            else:
                readers[said.split(b"/", 3)[2].decode()].append(callers[fd])
                callers[fd].send(HEAD)


def _send(wires: list[socket.socket], event: bytes) -> None:
    for wire in wires:
        wire.send(event)


def _listening(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    door.listen(BACKLOG)
    return door


if __name__ == "__main__":
    main()
