"""How far a drawing is: a hint for people who wait, never stored."""

from dataclasses import dataclass
from enum import StrEnum


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
