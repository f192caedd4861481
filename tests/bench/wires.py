"""What the load client holds of each connection, and of the events that are waited for."""

import socket
import struct
import time
from dataclasses import dataclass, field

ABORT = struct.pack("ii", 1, 0)
"""Close by a reset: thousands of ports are free again at once."""


def new_wire() -> socket.socket:
    """A socket that never waits and sends at once."""
    wire = socket.socket()
    wire.setblocking(False)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    return wire


@dataclass(eq=False)
class Reader:
    """One connection."""

    index: int
    """Its place among the paths that were asked for, over all openings."""
    request: bytes
    wire: socket.socket
    called_ns: int
    connected_ns: int = 0
    first_ns: int = 0
    """When it had what an opening waits for."""
    head: bytes = b""
    """What came until then."""


@dataclass(eq=False)
class Wanted:
    """A number of events that are waited for."""

    count: int
    until_ns: int
    began_ns: int = field(default_factory=time.monotonic_ns)
    began_cpu_ns: int = field(default_factory=time.process_time_ns)
