"""A generation: one request to draw a character."""

from dataclasses import dataclass

from limner.domain.order import OpenOrder
from limner.domain.transition import Transition


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for; None leaves the choice to the settings."""

    prompt: str | None = None
    """The whole prompt, in place of the one made from the character's description."""
    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    """0 to 4294967295."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """Whom a request is for, in the author's words: if there is no other, the prompt is of them."""

    name: str
    description: str
    """May be empty."""
    style: str
    """How the plot wants its characters drawn; may be empty."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a request: the generation in flight, and whether this request began it."""

    transition: Transition
    begun: bool
    dispatch: int
    """How often it has been handed to the queue, this time included."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A generation that this worker, and nobody else, may draw now."""

    transition: Transition
    token: str
    """The lease: new for every take, so that nobody who lost it can write anything."""
    character_name: str
    description: str
    """The words to draw by: the user's own prompt, else the character's description."""
    seed: int | None
    seconds_left: float
    """Until the deadline of the whole generation, by the database's clock."""
    fails_over: bool
    """Whether another provider may draw it when the one asked for can't."""
    order: OpenOrder | None
    """What an attempt before this one has ordered and is perhaps paid for."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A generation whose attempt was lost and which waits for another."""

    transition: Transition
    dispatch: int
    """How often it will have been handed to the queue with the next time."""
