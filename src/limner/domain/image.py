"""An image that is stored, under the name that its content gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """A stored image and its thumbnail."""

    sha256: str
    """Of its bytes, 64 hexadecimal digits; with the extension, its name."""
    extension: str
    """png, jpg or webp, without the dot."""
    content_type: str
    width: int
    """In pixels."""
    height: int
    """In pixels."""
    size_bytes: int
    thumbnail: str
    """The name of the stored thumbnail, `sha256.webp`."""

    @property
    def name(self) -> str:
        """What it is stored under."""
        return f"{self.sha256}.{self.extension}"

    @property
    def url(self) -> str:
        """Where it can be fetched, as a path of this service."""
        return f"/api/images/{self.name}"

    @property
    def thumbnail_url(self) -> str:
        """Where its thumbnail can be fetched."""
        return f"/api/images/{self.thumbnail}"
