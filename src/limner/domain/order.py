"""Orders: who is to draw a generation, and what has been ordered and is perhaps paid for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is perhaps taken, so that no other may be sent in its place."""

    id: str
    provider: str
    model: str
    handle: str | None
    """What it can be asked for by; None when the provider gave nothing."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who will draw a generation."""

    provider: str
    """Who has its order already, else who was asked for."""
    fails_over: bool
    """Whether another may draw it when this one can't."""
    is_ordered: bool
    """Whether there is an open order, so that nobody else may."""
