"""What every provider offers: `draw` turns an order into a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from limner.domain.estimate import Estimate
from limner.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be drawn, as it stood when the request was accepted."""

    task_id: str
    """The generation's id."""
    character_id: str
    """Whom it shows: a provider that draws by itself gives the same character the same face."""
    name: str
    """The character's name."""
    description: str
    """The words to draw by: the user's own prompt, else the character's description."""
    prompt: str
    """The whole prompt, for providers that take one."""
    model: str
    """The model asked for, or the provider's default."""
    seed: int | None = None
    """0 to 4294967295; None leaves the choice to the provider."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a provider made. Its bytes are not trusted before `images.inspect` has read them."""

    data: bytes
    model: str
    """The model that drew it."""


Report = Callable[[Progress], None]
"""Takes progress at once and never blocks; it may be called as often as a provider likes."""


class Provider(Protocol):
    """Something that makes pixels."""

    name: str
    """The word that settings, requests and status objects use for it."""
    default_model: str
    """The model it draws with when a request names none."""
    stated_estimate: Estimate
    """How long it takes, until enough drawings were seen to know better."""

    async def draw(self, order: Order, report: Report) -> Picture:
        """Draw one picture. Cancelling the task stops the work.

        Raises:
            DrawingError: there is no picture; its code says whether another try may help.
        """
        ...

    async def aclose(self) -> None:
        """Give back what it holds: processes, connections."""
        ...
