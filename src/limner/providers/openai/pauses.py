"""How long a server asks to be left alone, in each of the ways in which it may say so."""

import math
import re
from collections.abc import Mapping
from typing import Final

from limner.providers.http import Answer

_SECONDS: Final = {
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
}
_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_LONGEST_CHARACTERS: Final = 40


def pause_seconds(answer: Answer) -> float | None:
    """How long to wait before another try; None when the server does not say.

    The most exact is taken: `retry-after-ms`, `Retry-After`, and then `x-ratelimit-reset-…` of
    those limits that are used up.
    """
    headers = answer.headers
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    seconds = _number(headers.get("Retry-After", ""))
    if seconds is not None:
        return seconds
    told = answer.retry_after_seconds
    return _reset_seconds(headers) if told is None else told


def duration_seconds(text: str) -> float | None:
    """A duration as Go writes them, `6m0s` or `120ms`, in seconds; None when it is none."""
    text = text.strip()
    if len(text) > _LONGEST_CHARACTERS or _DURATION.fullmatch(text) is None:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def _reset_seconds(headers: Mapping[str, str]) -> float | None:
    resets = []
    for what in ("requests", "tokens"):
        seconds = duration_seconds(headers.get(f"x-ratelimit-reset-{what}", ""))
        # what is left of a limit is not what was run into
        if seconds is not None and headers.get(f"x-ratelimit-remaining-{what}", "0") == "0":
            resets.append(seconds)
    return max(resets, default=None)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
