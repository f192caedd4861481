"""What every image store offers."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
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

    def removing(self, name: str) -> AbstractAsyncContextManager[Callable[[], Awaitable[None]]]:
        """Hold what is stored under a name; the block gets the function that deletes it.

        What is put under this name after the block was entered outlives the deletion, also one
        that was given up, or whose process was frozen, and that comes to its end much later. So
        whoever asks within the block whether the name may go can rely on the answer, although it
        may be outdated when the deletion is made. A folder lets those wait who put; a store with
        versions would delete that one only which it has held.

        If there is nothing under the name, that is no error.

        Raises:
            StorageUnavailableError: the store did not do it, or it is not known whether it did;
                from entering the block, and from the function.
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
