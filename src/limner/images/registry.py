"""The image store that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner.images.base import ImageStore
from limner.images.folder import FolderStore
from limner.settings import Settings


@asynccontextmanager
async def open_images(settings: Settings) -> AsyncIterator[ImageStore]:
    """Where images are kept, open for as long as the block runs.

    Nothing is asked of it: a store that is away when a process starts may come back.

    Raises:
        StartError: there is a bucket, and nothing that opens it.
    """
    if (settings.storage_url or "").startswith("s3://"):
        # half a second and 30 MB, of which whoever has a folder is spared
        from limner.images.bucket import open_bucket  # noqa: PLC0415 - see above
        from limner.images.s3 import S3Store  # noqa: PLC0415 - see above

        async with open_bucket(settings) as bucket:
            yield S3Store(bucket)
    else:
        yield FolderStore(settings.images_folder)
