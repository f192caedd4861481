"""Images in a bucket, which any number of processes on any number of machines may share.

S3 has no lock, and deletes by name: a deletion that was given up and comes to its end long
afterwards would take what has been stored under that name since. Nor do conditions help, as what is
stored again is the same, byte for byte; versions would, and are not everywhere. So every storing
has a key of its own, `ab/abcd….png/` and something unique, and is never written to again: a
deletion names the keys that were there when it was decided, and can't hit any other.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import uuid4

from limner.domain.errors import NotFoundError
from limner.images.bucket import PAGE, Bucket, Stored
from limner.images.inspect import Inspected

COPY_SECONDS: Final = 60 * 60.0
"""A copy goes when there is one that is younger by this; far more than clocks of a store differ."""
LOOKS: Final = 3
"""How often to look for an image whose copies go while it is being read."""
FEW: Final = 5
"""Copies to look for first."""
_THUMBNAIL_TYPE: Final = "image/webp"


class S3Store:
    """An `ImageStore` in a bucket of S3, or of anything that speaks as it does.

    Args:
        bucket: open for as long as the store is used.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._tidied_to = ""

    async def put(self, inspected: Inspected) -> None:
        """See `ImageStore.put`. A copy that is there already, however young, may be about to go."""
        image = inspected.image
        await self._bucket.put(_key(image.thumbnail), inspected.thumbnail, _THUMBNAIL_TYPE)
        await self._bucket.put(_key(image.name), inspected.data, image.content_type)

    async def get(self, name: str) -> bytes:
        """See `ImageStore.get`. It asks for a few copies: of an image drawn often there are many.

        Keys lie in no order of time, so those that follow are asked for only if all of these went
        in the meantime, and then the first once more: what is put meanwhile may lie anywhere.
        """
        for _ in range(LOOKS):
            copies = await self._bucket.page("", _start(name), FEW)
            if not copies:
                break
            while copies:
                # the youngest is the last to go
                for copy in sorted(copies, key=attrgetter("at"), reverse=True):
                    if (data := await self._bucket.get(copy.key)) is not None:
                        return data
                copies = await self._bucket.page(copies[-1].key, _start(name), FEW)
        raise NotFoundError("There is no such image.")

    @asynccontextmanager
    async def removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """See `ImageStore.removing`."""
        keys = [copy.key for copy in await self._bucket.all(_start(name))]

        async def remove() -> None:
            await self._bucket.delete(keys)

        yield remove

    async def tidy(self) -> int:
        """See `ImageStore.tidy`. What is left behind are copies; each call looks at some more keys.

        A copy may go when another was stored long after it: whoever deletes that one has seen both,
        and has asked whether anybody needs the name since both were stored. Whoever has not seen it
        leaves it.
        """
        page = await self._bucket.page(self._tidied_to)
        names = [(name, list(copies)) for name, copies in groupby(page, _name)]
        is_cut = len(page) == PAGE
        if is_cut and len(names) > 1:
            names.pop()  # its other copies are on the next page, which begins with it
        spare = [key for _, copies in names for key in _spare(copies)]
        await self._bucket.delete(spare)
        self._tidied_to = names[-1][1][-1].key if is_cut else ""
        return len(spare)


def _spare(copies: list[Stored]) -> list[str]:
    until = max(copy.at for copy in copies) - timedelta(seconds=COPY_SECONDS)
    return [copy.key for copy in copies if copy.at < until]


def _key(name: str) -> str:
    return f"{_start(name)}{uuid4().hex}"


def _start(name: str) -> str:
    return f"{name[:2]}/{name}/"


def _name(stored: Stored) -> str:
    return stored.key.rpartition("/")[0]
