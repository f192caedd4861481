"""How far a drawing is: a hint for people who wait, never stored."""

from dataclasses import dataclass
from enum import StrEnum

from limner.domain.transition import JsonObject


class Stage(StrEnum):
    """What is being done for a generation at this moment."""

    QUEUED = "queued"
    ORDERING = "ordering"
    DRAWING = "drawing"
    DOWNLOADING = "downloading"
    STORING = "storing"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a provider knows about one attempt at this moment."""

    stage: Stage
    fraction: float | None = None
    """0 to 1 as reported by the provider; None when it does not say."""
    eta_seconds: float | None = None
    """Seconds until the picture is there, as the provider sees it; None when it does not say."""


class Kind(StrEnum):
    """Where a number of progress comes from."""

    REPORTED = "reported"
    """From the provider."""
    ESTIMATED = "estimated"
    """From the elapsed time against the estimate."""


def progress_object(  # noqa: PLR0913 - the object's own fields
    character_id: str,
    task_id: str,
    *,
    stage: Stage,
    fraction: float | None,
    kind: Kind,
    eta_seconds: float | None,
    queue_position: int | None = None,
    preview_url: str | None = None,
) -> JsonObject:
    """The progress object: what every `progress` event and every hint in Redis carries.

    Args:
        character_id: who is drawn.
        task_id: the generation.
        stage: what is being done.
        fraction: 0 to 1; None when it is not known.
        kind: where the fraction comes from.
        eta_seconds: until the picture is there; None when it is not known.
        queue_position: how many are drawn before it; None when it does not wait.
        preview_url: a small picture of the image so far; None when there is none.
    """
    return {
        "character_id": character_id,
        "task_id": task_id,
        "progress": None if fraction is None else round(fraction, 3),
        "progress_kind": kind,
        "eta_seconds": None if eta_seconds is None else round(eta_seconds, 1),
        "queue_position": queue_position,
        "stage": stage,
        "preview_url": preview_url,
    }


def queued_object(character_id: str, task_id: str, position: int) -> JsonObject:
    """The progress object of a generation that waits for a worker.

    `progress` is null and not 0: after a lost attempt 0 would be a step back within it, and null is
    what is known of the next. So is `eta_seconds`: how many workers there are, and how long each
    takes with what stands before this one, nobody here knows. `progress_kind` is `estimated`, as
    nobody has reported anything.

    Args:
        character_id: who will be drawn.
        task_id: the generation.
        position: how many were handed to the queue before it and still wait; 0 is next.
    """
    return progress_object(
        character_id,
        task_id,
        stage=Stage.QUEUED,
        fraction=None,
        kind=Kind.ESTIMATED,
        eta_seconds=None,
        queue_position=position,
    )
