"""From rows to transitions, and to what hangs on them."""

import asyncpg

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.generation import Taken
from limner.domain.image import Image
from limner.domain.order import OpenOrder
from limner.domain.status import Status
from limner.domain.transition import Transition


def transition_of(row: asyncpg.Record) -> Transition:
    """The transition in a row of `statuses`."""
    return Transition(
        plot_id=row["plot_id"],
        seq=row["seq"],
        character_id=row["character_id"],
        character_name=row["character_name"],
        task_id=row["generation_id"],
        status=Status(row["status"]),
        previous=Status(row["previous"]) if row["previous"] else None,
        at=row["at"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        provider=row["provider"],
        model=row["model"],
        prompt=row["prompt"],
        queued_at=row["queued_at"],
        started_at=row["started_at"],
        estimate=Estimate(row["estimate_low_seconds"], row["estimate_high_seconds"]),
        image=image_of(row) if row["sha256"] else None,
        error=row["error"],
        error_code=ErrorCode(row["error_code"]) if row["error_code"] else None,
        last_error=row["last_error"],
    )


def taken_of(row: asyncpg.Record, token: str) -> Taken:
    """What a worker has taken with this token, in a row of `take`."""
    order = None
    if row["order_id"] is not None:
        order = OpenOrder(
            row["order_id"], row["order_provider"], row["order_model"], row["order_handle"]
        )
    return Taken(
        transition_of(row),
        token=token,
        character_name=row["character_name"],
        description=row["description"],
        seed=row["seed"],
        seconds_left=row["seconds_left"],
        fails_over=row["fails_over"],
        order=order,
    )


def image_of(row: asyncpg.Record) -> Image:
    """The image in a row that has the columns of `images`."""
    return Image(
        sha256=row["sha256"],
        extension=row["extension"],
        content_type=row["content_type"],
        width=row["width"],
        height=row["height"],
        size_bytes=row["size_bytes"],
        thumbnail=row["thumbnail"],
    )


def image_values(image: Image) -> dict[str, object]:
    """An image as the columns of `images`."""
    return {
        "sha256": image.sha256,
        "extension": image.extension,
        "content_type": image.content_type,
        "width": image.width,
        "height": image.height,
        "size_bytes": image.size_bytes,
        "thumbnail": image.thumbnail,
    }
