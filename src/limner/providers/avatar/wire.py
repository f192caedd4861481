"""What parent and child say to each other: JSON lines one way, counted bytes the other."""

import struct

READY = b"ready\n"
"""What a child says once, when it can paint."""
HEADER = struct.Struct(">?I")
"""Before each answer: whether it is a picture (else it is a complaint), and its length in bytes."""
