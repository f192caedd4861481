"""What every image store offers."""

from typing import Protocol

from limner.images.inspect import Inspected


class ImageStore(Protocol):
    """Keeps images under the names that their contents give them."""

    async def put(self, inspected: Inspected) -> None:
        """Store an image and its thumbnail. What is stored already is no error, and stays.

        Raises:
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

    async def delete(self, name: str) -> None:
        """Delete what is stored under a name. If there is nothing, that is no error.

        Raises:
            StorageUnavailableError: the store did not do it, or it is not known whether it did.
        """
        ...

    async def tidy(self) -> int:
        """Delete what storings that were cut off have left behind, at most so much at once.

        Returns:
            How many files that were.

        Raises:
            StorageUnavailableError: the store did not answer.
        """
        ...
