"""What lies around the pixels of a picture: read without decoding any."""

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
