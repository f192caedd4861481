"""Storing a finished picture, so that nobody removes it before its generation is completed."""

import asyncio
from dataclasses import replace
from typing import Final

from limner import log
from limner.domain.errors import DrawingError, ErrorCode, StorageUnavailableError
from limner.domain.image import Image
from limner.flows.patience import until_answered
from limner.images.base import ImageStore
from limner.images.inspect import Inspected, inspect
from limner.settings import Settings
from limner.store.claims import Claims

STORING_SECONDS: Final = 30.0
"""How long it may take to store an image."""
AGAIN_SECONDS: Final = (0.2, 0.5, 1.5)
"""After these times a store that has refused it is asked once more."""
HOLD_SECONDS: Final = 60 * 60.0
"""A claim lasts for this and twice the deadline. Half of that, which is what it is sure to have
left, is more than storing an image and then waiting for Postgres can take."""

_log = log.get()


class KeepImage:
    """Checks what was drawn, claims it, and only then stores it."""

    def __init__(self, claims: Claims, images: ImageStore, settings: Settings) -> None:
        self._claims = claims
        self._images = images
        self._patience_seconds = settings.deadline_seconds
        self._hold_seconds = HOLD_SECONDS + 2 * settings.deadline_seconds

    async def __call__(self, data: bytes) -> Image:
        """Store a picture and its thumbnail; its generation may be completed with it now.

        Raises:
            DrawingError: `invalid_image`, when the bytes are no image that may be shown;
                `storage_unavailable`, when the store did not take it.
            DatabaseUnavailableError: it could not be claimed, for as long as a generation may take.
        """
        inspected = await asyncio.to_thread(inspect, data)
        image = await until_answered(
            lambda: self._claims.claim(inspected.image, hold_seconds=self._hold_seconds),
            seconds=self._patience_seconds,
        )
        try:
            async with asyncio.timeout(STORING_SECONDS):
                await self._put(replace(inspected, image=image))
        except (StorageUnavailableError, TimeoutError) as error:
            raise DrawingError(
                ErrorCode.STORAGE_UNAVAILABLE,
                "The finished image could not be stored.",
                detail=str(error) or type(error).__name__,
            ) from error
        _log.info("Stored the image", image=image.name, bytes=image.size_bytes)
        return image

    async def _put(self, inspected: Inspected) -> None:
        """Store it; what is perhaps paid for is not given up for one refusal."""
        for pause_seconds in AGAIN_SECONDS:
            try:
                return await self._images.put(inspected)
            except StorageUnavailableError as error:
                _log.warning("Will store the image again", why=str(error), seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
        return await self._images.put(inspected)
