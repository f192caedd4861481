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


def taken_of(job: asyncpg.Record, transition: Transition, token: str) -> Taken:
    """What a worker has taken with this move, in a row of `job_of`."""
    order = None
    if job["order_id"] is not None:
        order = OpenOrder(
            job["order_id"], job["order_provider"], job["order_model"], job["order_handle"]
        )
    return Taken(
        transition,
        token=token,
        character_name=job["character_name"],
        description=job["description"],
        seed=job["seed"],
        seconds_left=float(job["seconds_left"]),
        fails_over=job["fails_over"],
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
