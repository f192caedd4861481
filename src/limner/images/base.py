"""What every image store offers."""

from typing import Protocol

from limner.domain.image import Image


class ImageStore(Protocol):
    """Keeps images under the names that their contents give them."""

    async def put(self, data: bytes) -> Image:
        """Check an image, store it and its thumbnail. Storing the same bytes again is no error.

        Raises:
            DrawingError: `invalid_image`, when the bytes are no image that may be shown.
            StorageUnavailableError: the store did not take it.
        """
        ...

    async def get(self, name: str) -> bytes:
        """The bytes stored under a name.

        Raises:
            NotFoundError: there is nothing under this name.
            StorageUnavailableError: the store did not answer.
        """
        ...
