"""The past, as the hub needs it."""

from typing import Protocol

from limner.domain.transition import Transition

PAGE = 500
"""Transitions read at once."""


class Past(Protocol):
    """Where the hub reads what Redis did not carry."""

    async def replay(self, plot_id: str, *, after: int, count: int) -> list[Transition]:
        """What happened in a plot after a number, in order."""
        ...

    async def strayed(self, heads: dict[str, int]) -> dict[str, int | None]:
        """Of these plots, those whose newest number is another, and which; None: it is gone."""
        ...

    async def gone(self, character_ids: list[str]) -> set[str]:
        """Which of these characters were deleted."""
        ...
