"""How long a drawing takes, usually."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """The 50th and the 90th percentile of what it took before, or what the provider states."""

    low_seconds: float
    high_seconds: float
