"""Claims: how a worker keeps others from removing what it is about to store.

An image that is in the store already is not stored again. Without a claim it could be removed just
then, because nobody shows it any more, and the generation would be completed with no image.
"""

from dataclasses import replace
from typing import Final

from limner.domain.image import Image
from limner.store.database import Database
from limner.store.records import image_values
from limner.store.statements import statements

CLAIMS_LOCK: Final = 0x636C6D73  # "clms"
"""The advisory lock that claims share, and that whoever removes images has for itself."""


class Claims:
    """Puts the time ahead at which an image is looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements()

    async def claim(self, image: Image, *, hold_seconds: float) -> Image:
        """Have an image, stored or not, left alone for `hold_seconds`, or half of that at least.

        Returns:
            The image as it is to be stored: its thumbnail under the name that it has had before,
            if that is another.

        Raises:
            DatabaseUnavailableError: nothing is known of the claim; claiming again is safe.
        """
        async with self._database.connection() as connection:
            row = await self._sql.the(
                "claim_image",
                connection,
                lock_id=CLAIMS_LOCK,
                hold_seconds=hold_seconds,
                **image_values(image),
            )
        return replace(image, thumbnail=row["thumbnail"])
