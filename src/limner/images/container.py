"""What lies around the pixels of a picture: read without decoding any."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """A file of a picture that is whole, from its first byte to its last."""

    kept: bytes
    """The file without what tells about the picture; the very same bytes where nothing does."""
    width: int
    """In pixels, as the file says."""
    height: int
    """In pixels, as the file says."""
    exif: bytes | None
    """What a camera has to say, which is no longer in `kept`."""


def joined(data: bytes, pieces: Sequence[bytes | memoryview]) -> bytes:
    """The pieces as one file: the very object that they came from, where that is the same."""
    kept = b"".join(pieces)
    return data if kept == data else kept
