"""What every provider offers: `draw` turns an order into a picture."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

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


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a provider draws."""

    charges: bool = False
    """What it has taken is paid for, whether or not anybody gets the picture."""
    is_elsewhere: bool = False
    """It can be away while this machine is well, so it is left alone when it keeps failing."""
    orders_at_once: int | None = None
    """How many orders it lets wait or be drawn at a time, of all workers together; None: any."""


IN_HOUSE: Final = Terms()
"""Of a provider that draws by itself, in this process or a child of it."""

Report = Callable[[Progress], None]
"""Takes progress at once and never blocks; it may be called as often as a provider likes."""


def _show_nobody(_picture: bytes) -> None:
    """Nobody looks at pictures that are not finished."""


async def _write_nowhere(_handle: str = "") -> None:
    """Nobody keeps books."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What goes with an order: how its drawing is told of, and the books that are kept of it.

    A provider that charges calls `place` right before it sends an order, each time. From then on
    the order counts as perhaps taken, until the provider's own word, a RefusedError, says that it
    was not. If it gets a handle under which the order can be asked for again, it calls `keep` with
    it before it does anything else. Such an order is not sent twice, whatever dies.
    """

    report: Report
    show: Callable[[bytes], None] = _show_nobody
    """Takes the picture so far, PNG, JPEG or WebP, at once, and never blocks."""
    place: Callable[[], Awaitable[None]] = _write_nowhere
    """Writes down that an order is about to be sent."""
    keep: Callable[[str], Awaitable[None]] = _write_nowhere
    """Writes down the handle that the provider gave for it, up to 16,000 characters; may be called
    again when more is known. Handles are the provider's own words and hold no secret."""
    refused: Callable[[], Awaitable[None]] = _write_nowhere
    """Writes down that the provider will not fill what was placed, for who then places another. At
    the end of a drawing the RefusedError says the same."""
    handle: str | None = None
    """What `keep` was told in an attempt that was lost: this order is taken already, and is to be
    asked for and not sent. None: there is no such order."""


class Provider(Protocol):
    """Something that makes pixels."""

    name: str
    """The word that settings, requests and status objects use for it."""
    default_model: str
    """The model it draws with when a request names none."""
    stated_estimate: Estimate
    """How long it takes, until enough drawings were seen to know better."""
    terms: Terms

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """Draw one picture. Cancelling the task stops the work.

        Raises:
            RefusedError: the provider has said that it will not fill this order, or was never
                reached: it may be sent again, here or elsewhere.
            DrawingError: there is no picture; its code says whether another try may help. An order
                that was placed is perhaps taken.
        """
        ...

    async def check(self) -> str | None:
        """What would keep it from drawing and what to do about it, in a sentence or two.

        Nothing is ordered for it, and nothing secret is told. None: nothing that can be seen.
        """
        ...

    async def aclose(self) -> None:
        """Give back what it holds: processes, connections."""
        ...
