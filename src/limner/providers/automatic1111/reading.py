"""What the image server's answers say. Nothing of them is believed before it was looked at."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from typing import Final

from limner.domain.transition import JsonObject
from limner.providers.signs import why_no_picture

_MODEL_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Task:
    """How far one order is, as `POST /internal/progress` has it.

    All three may be false: it has not come in yet, a checkpoint is loaded first, it ended more than
    16 tasks ago, or the server is older than `force_task_id` (1.8) and does not know it by its id.
    """

    is_drawn: bool
    """It is the one that the server works at."""
    is_queued: bool
    is_finished: bool
    fraction: float | None
    eta_seconds: float | None
    preview: bytes | None
    """PNG, JPEG or WebP; None when there is none newer than the one that is known."""
    preview_number: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """What the server draws, or drew last, as `GET /sdapi/v1/progress` has it: anybody's."""

    is_idle: bool
    name: str
    count: int
    """Pictures in it; -1 while that is not known yet."""
    steps: int
    """That it takes; before its sampling begins, those of the job before it."""
    timestamp: str
    """When it began, by the server's clock, in seconds: the nearest there is to an id."""
    is_cut_short: bool
    """Somebody has interrupted or skipped it."""
    fraction: float | None
    eta_seconds: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What `POST /sdapi/v1/txt2img` answered."""

    image: str | None
    """The first one, in base64; None when there is none."""
    model: str | None
    """The checkpoint that drew it."""
    timestamp: str | None
    """That of its job."""


def read_task(told: JsonObject) -> Task:
    """One order's progress."""
    preview = told.get("live_preview")
    data = decode(preview) if isinstance(preview, str) else None
    number = told.get("id_live_preview")
    return Task(
        is_drawn=told.get("active") is True,
        is_queued=told.get("queued") is True,
        is_finished=told.get("completed") is True,
        fraction=_fraction(told.get("progress")),
        eta_seconds=_seconds(told.get("eta")),
        preview=data if data is not None and why_no_picture(data) is None else None,
        preview_number=number if isinstance(number, int) else None,
    )


def read_job(told: JsonObject) -> Job:
    """The progress of whatever is drawn."""
    state = told.get("state")
    state = state if isinstance(state, dict) else {}
    return Job(
        is_idle=state.get("job_count") == 0,
        name=_text(state.get("job")) or "",
        count=_whole(state.get("job_count")),
        steps=_whole(state.get("sampling_steps")),
        timestamp=_text(state.get("job_timestamp")) or "",
        is_cut_short=state.get("interrupted") is True or state.get("skipped") is True,
        fraction=_fraction(told.get("progress")),
        eta_seconds=_seconds(told.get("eta_relative")),
    )


def read_drawn(told: JsonObject) -> Drawn:
    """The answer to an order; `info` is JSON within a string within JSON."""
    images = told.get("images")
    first = images[0] if isinstance(images, list) and images else None
    info = told.get("info")
    if isinstance(info, str):
        try:
            info = json.loads(info)
        except (ValueError, RecursionError):
            info = None
    info = info if isinstance(info, dict) else {}
    model = _text(info.get("sd_model_name")) or ""
    return Drawn(
        image=_text(first),
        model="".join(filter(str.isprintable, model))[:_MODEL_CHARACTERS] or None,
        timestamp=_text(info.get("job_timestamp")),
    )


def decode(text: str) -> bytes | None:
    """The bytes of base64, with `data:image/…;base64,` before it or without; None when it is none.

    Forks and extensions add the prefix where the original has none, and break lines.
    """
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _fraction(value: object) -> float | None:
    number = _number(value)
    return None if number is None else min(max(number, 0.0), 1.0)


def _seconds(value: object) -> float | None:
    number = _number(value)
    return None if number is None else max(number, 0.0)
