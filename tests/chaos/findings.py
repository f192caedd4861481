"""What is wrong, a sentence each."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["missing", "doubled", "out of order", "not final", "untrue", "late", "misbehaved"]
"""missing, doubled, out of order: ids that a reader got, or did not. not final: a generation that
never ended. untrue: tables or answers that contradict themselves or each other. late: a reader that
was behind with nothing to excuse it. misbehaved: a process that did what it should not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    sentence: str
    count: int = 1
    """How many ids it is about."""
