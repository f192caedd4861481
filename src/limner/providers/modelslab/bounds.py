"""How long ModelsLab is waited for."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """The clocks of one order. Together they are bounded by whoever wants the picture."""

    submit_seconds: float = 120.0
    """For the answer to an order: many models are drawn while it is waited for."""
    fetch_seconds: float = 30.0
    """For the answer to a question after an order."""
    first_pause_seconds: float = 1.0
    """Before the first question; doubled for each one after."""
    longest_pause_seconds: float = 10.0
    longest_eta_seconds: float = 30.0
    """However late ModelsLab expects to be done, it is asked by then: it often is done earlier."""
    unknown_times: int = 3
    """So often in a row it may not know an order: what takes orders and what answers for them are
    not one machine."""
    check_seconds: float = 15.0
    """For each question of a check."""


BOUNDS: Final = Bounds()
