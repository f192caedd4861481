"""The statuses of a generation and the table of moves between them."""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a generation stands. It changes by the moves in `MOVES` and in no other way."""

    PENDING = "pending"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return not MOVES[self]


NEVER_DRAWN: Final = "none"
"""What a character's status is called before its first generation."""

MOVES: Final[dict[Status | None, frozenset[Status]]] = {
    None: frozenset({Status.PENDING}),
    Status.PENDING: frozenset({Status.GENERATING, Status.FAILED, Status.CANCELED}),
    Status.GENERATING: frozenset(
        {Status.COMPLETED, Status.PENDING, Status.FAILED, Status.CANCELED},
    ),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}
"""From where to where, dead ends included. The database holds the same table as a constraint."""


def is_allowed(previous: Status | None, status: Status) -> bool:
    """Whether a generation may go from the one to the other."""
    return status in MOVES[previous]
