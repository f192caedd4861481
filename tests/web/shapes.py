"""What answers look like, as the public contract has it."""

import re
from datetime import datetime
from typing import Any, Protocol

PLOT = {"id", "title", "style", "seq", "created_at", "updated_at", "characters"}
PLOT_ITEM = PLOT - {"characters"} | {"character_count"}
CHARACTER = {
    "id",
    "plot_id",
    "name",
    "description",
    "image_url",
    "image",
    "created_at",
    "updated_at",
}
STATUS = {
    "character_id",
    "plot_id",
    "task_id",
    "status",
    "previous",
    "seq",
    "at",
    "image_url",
    "error",
    "error_code",
    "metadata",
}
METADATA = {
    "attempt",
    "max_attempts",
    "provider",
    "model",
    "prompt",
    "queued_at",
    "started_at",
    "finished_at",
    "duration_seconds",
    "estimate",
    "image",
    "last_error",
    "retryable",
}
IMAGE = {"width", "height", "content_type", "bytes", "sha256", "thumbnail_url"}
NOBODY = "0b9a0b9a-0b9a-4b9a-8b9a-0b9a0b9a0b9a"
"""An id that nothing has."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Answered(Protocol):
    """An answer, however it was asked for."""

    @property
    def status(self) -> int: ...
    @property
    def json(self) -> Any: ...
    @property
    def raw(self) -> bytes: ...


def is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_time(value: object) -> bool:
    """RFC 3339, UTC, microseconds, `Z`; and a moment that there is."""
    return (
        isinstance(value, str)
        and _TIME.fullmatch(value) is not None
        and datetime.fromisoformat(value).year > 2000
    )


def never_drawn(character_id: str, plot_id: str) -> dict[str, object]:
    """The status object of a character that was never drawn."""
    nothing = dict.fromkeys(STATUS)
    return nothing | {
        "character_id": character_id,
        "plot_id": plot_id,
        "status": "none",
        "metadata": {},
    }


def told(answer: Answered, status: int, code: str) -> list[str]:
    """See that an answer is the RFC 9457 problem it should be; the pointers to its faults."""
    assert answer.status == status, answer.raw
    problem = answer.json
    assert problem["status"] == status
    assert problem["code"] == code
    assert isinstance(problem["type"], str)
    for sentence in (problem["title"], problem["detail"]):
        assert isinstance(sentence, str)
        assert sentence
    assert b"Traceback" not in answer.raw
    assert b".py" not in answer.raw
    more = {"errors"} if code == "invalid_request" else set()
    assert problem.keys() == {"type", "title", "status", "detail", "code", *more}
    errors = problem.get("errors", [])
    assert all(error.keys() == {"pointer", "detail"} for error in errors)
    return [error["pointer"] for error in errors]
