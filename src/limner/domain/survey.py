"""The queue as a whole, as those who run it see it: what waits, what is drawn, what has ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from limner.domain.errors import ErrorCode
from limner.domain.estimate import Estimate
from limner.domain.status import Status
from limner.domain.transition import JsonObject, rfc3339

WINDOW_SECONDS = 3600
"""Those that have ended are counted for so long."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a generation's life between two of its transitions."""

    status: Status
    """`pending` while it waited, `generating` while it was drawn."""
    attempt: int
    """The newest attempt then; 0 before the first."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One generation in the survey."""

    task_id: str
    character_id: str
    plot_id: str
    character_name: str
    """As it was when the request was accepted."""
    title: str
    """Of the plot, as it is."""
    status: Status
    attempt: int
    max_attempts: int
    provider: str
    model: str
    queued_at: datetime
    since: datetime
    """When it came to its status; for one that has ended, when it ended."""
    late_since: datetime | None
    """When its worker should have been heard of; None while it is, and when nobody draws it."""
    estimate: Estimate
    past: tuple[Phase, ...]
    """What is behind it, in order; what it is in now began at `since`."""
    error: str | None
    error_code: ErrorCode | None
    last_error: str | None
    thumbnail_url: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, also of those that are not listed."""

    pending: int
    generating: int
    late: int
    """How many of those being drawn have a worker that should have been heard of."""
    completed: int
    """In the last `WINDOW_SECONDS`, as the two below."""
    failed: int
    canceled: int


@dataclass(frozen=True, slots=True)
class Survey:
    """The queue at one instant. Two are equal when nothing but time has passed between them."""

    at: datetime = field(compare=False)
    """By the database's clock."""
    counts: Counts
    pending: tuple[Entry, ...]
    """The next first, at most as many as were asked for."""
    generating: tuple[Entry, ...]
    """The one begun first is first."""
    finished: tuple[Entry, ...]
    """The last first. Those of deleted plots and characters are left out."""


def survey_object(survey: Survey) -> JsonObject:
    """The survey as JSON; every age in it is as of its `at`."""
    return {
        "at": rfc3339(survey.at),
        "counts": {
            "pending": survey.counts.pending,
            "generating": survey.counts.generating,
            "late": survey.counts.late,
            "completed": survey.counts.completed,
            "failed": survey.counts.failed,
            "canceled": survey.counts.canceled,
            "window_seconds": WINDOW_SECONDS,
        },
        "pending": [_entry_object(entry, survey.at) for entry in survey.pending],
        "generating": [_entry_object(entry, survey.at) for entry in survey.generating],
        "finished": [_entry_object(entry, survey.at) for entry in survey.finished],
    }


def _entry_object(entry: Entry, at: datetime) -> JsonObject:
    phases = entry.past if entry.status.is_final else (*entry.past, _present(entry, at))
    return {
        "task_id": entry.task_id,
        "character_id": entry.character_id,
        "plot_id": entry.plot_id,
        "name": entry.character_name,
        "title": entry.title,
        "status": entry.status,
        "attempt": entry.attempt,
        "max_attempts": entry.max_attempts,
        "provider": entry.provider,
        "model": entry.model,
        "queued_at": rfc3339(entry.queued_at),
        "since": rfc3339(entry.since),
        "late_since": rfc3339(entry.late_since) if entry.late_since else None,
        "waiting_seconds": _sum(phases, Status.PENDING),
        "drawing_seconds": _sum(phases, Status.GENERATING),
        "total_seconds": round(sum(phase.seconds for phase in phases), 3),
        "phases": [
            {"status": phase.status, "attempt": phase.attempt, "seconds": round(phase.seconds, 3)}
            for phase in phases
        ],
        "estimate": {
            "low_seconds": entry.estimate.low_seconds,
            "high_seconds": entry.estimate.high_seconds,
        },
        "error": entry.error,
        "error_code": entry.error_code,
        "last_error": entry.last_error,
        "thumbnail_url": entry.thumbnail_url,
    }


def _present(entry: Entry, at: datetime) -> Phase:
    """The phase it is in, as long as it has lasted: clocks of databases are sometimes set back."""
    seconds = max(at - entry.since, timedelta()).total_seconds()
    return Phase(entry.status, entry.attempt, seconds)


def _sum(phases: tuple[Phase, ...], status: Status) -> float:
    return round(sum(phase.seconds for phase in phases if phase.status is status), 3)
