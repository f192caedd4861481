"""A transition, and the status object: the one JSON form of a status.

The polling endpoint, every `status` event and every Redis message carry what `status_object` makes
of a transition, and nothing else makes one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.image import Image
from limner.domain.status import NEVER_DRAWN, Status

JsonObject = dict[str, object]
"""A JSON object on its way out."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a generation's status, with all that was known of the generation then."""

    plot_id: str
    seq: int
    """Its number within the plot: 1, 2, 3 … in commit order, with no gap."""
    character_id: str
    character_name: str
    """The name it had when the request was accepted; for logs, not for clients."""
    task_id: str
    status: Status
    previous: Status | None
    at: datetime
    """The database's clock within the moving statement."""
    attempt: int
    """The newest attempt, counted from 1; 0 before the first."""
    max_attempts: int
    provider: str
    model: str
    prompt: str
    queued_at: datetime
    started_at: datetime | None
    """When the newest attempt began."""
    estimate: Estimate
    image: Image | None
    error: str | None
    error_code: ErrorCode | None
    last_error: str | None
    """Why the attempt before was lost, if one was."""

    @property
    def finished_at(self) -> datetime | None:
        """When the generation became final; None before."""
        return self.at if self.status.is_final else None


def status_object(transition: Transition) -> JsonObject:
    """The status object of a transition: contract for pollers, streams and Redis alike."""
    at = rfc3339(transition.at)
    finished_at = transition.finished_at
    image = transition.image
    return {
        "character_id": transition.character_id,
        "plot_id": transition.plot_id,
        "task_id": transition.task_id,
        "status": transition.status,
        "previous": transition.previous,
        "seq": transition.seq,
        "at": at,
        "image_url": image.url if image else None,
        "error": transition.error,
        "error_code": transition.error_code,
        "metadata": {
            "attempt": transition.attempt,
            "max_attempts": transition.max_attempts,
            "provider": transition.provider,
            "model": transition.model,
            "prompt": transition.prompt,
            "queued_at": rfc3339(transition.queued_at),
            "started_at": rfc3339(transition.started_at) if transition.started_at else None,
            "finished_at": at if finished_at else None,
            "duration_seconds": _seconds(transition.started_at, finished_at),
            "estimate": {
                "low_seconds": transition.estimate.low_seconds,
                "high_seconds": transition.estimate.high_seconds,
            },
            "image": _image_object(image) if image else None,
            "last_error": transition.last_error,
            "retryable": transition.error_code.retryable if transition.error_code else None,
        },
    }


def never_drawn(character_id: str, plot_id: str) -> JsonObject:
    """The status object of a character that has no generation."""
    return {
        "character_id": character_id,
        "plot_id": plot_id,
        "task_id": None,
        "status": NEVER_DRAWN,
        "previous": None,
        "seq": None,
        "at": None,
        "image_url": None,
        "error": None,
        "error_code": None,
        "metadata": {},
    }


def rfc3339(moment: datetime) -> str:
    """A moment as RFC 3339 has it: UTC, microseconds, `Z`."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _seconds(started_at: datetime | None, finished_at: datetime | None) -> float | None:
    if started_at is None or finished_at is None:
        return None
    return round((finished_at - started_at).total_seconds(), 3)


def _image_object(image: Image) -> JsonObject:
    return {
        "width": image.width,
        "height": image.height,
        "content_type": image.content_type,
        "bytes": image.size_bytes,
        "sha256": image.sha256,
        "thumbnail_url": image.thumbnail_url,
    }
