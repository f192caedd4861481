"""What an examination finds out: a line of its report."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    WRONG = "wrong"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one part. Nothing in it is secret."""

    part: str
    """What was looked at, in a word or two."""
    mark: Mark
    words: str
    """What was found."""
    advice: str = ""
    """What to do about it, where the words do not say so themselves."""


def ok(part: str, words: str) -> Finding:
    """All is well with a part."""
    return Finding(part, Mark.OK, words)


def warning(part: str, words: str, advice: str = "") -> Finding:
    """A part works, and somebody should look at it."""
    return Finding(part, Mark.WARNING, words, advice)


def wrong(part: str, words: str, advice: str = "") -> Finding:
    """A part does not work."""
    return Finding(part, Mark.WRONG, words, advice)
