"""The queue, as those see it who wait in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character's generation stands in the queue."""

    character_id: str
    task_id: str
    position: int
    """How many were handed to the queue before it and still wait; 0 is next."""


@dataclass(frozen=True, slots=True)
class PlotQueue:
    """Who of a plot waits in the queue."""

    seq: int
    """The number of the plot's newest transition at that instant."""
    places: list[Place]
