"""How long the image server is waited for."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """Each for one thing that is asked of it."""

    answer_seconds: float = 3600.0
    """For an order, which is answered when it is drawn, and others come first. The attempt's own
    limit is what ends the waiting; this one only keeps a connection from staying open for ever."""
    look_seconds: float = 5.0
    """For anything else: the server has those answers at hand."""
    interval_seconds: float = 0.5
    """Between two looks at a drawing: readers are told at most four times a second."""
    stop_seconds: float = 2.0
    """For asking whether an order that nobody waits for is the one being drawn, and stopping it."""


BOUNDS: Final = Bounds()
