"""What a drawing needs, in this process: a real database, a real Valkey, and a provider at will."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from limner.bus.publish import open_bus
from limner.domain.errors import StorageUnavailableError
from limner.domain.estimate import Estimate
from limner.domain.generation import Request
from limner.domain.plot import LOCAL_OWNER
from limner.domain.status import Status
from limner.domain.transition import Transition
from limner.flows.admission import Admission, Gates
from limner.flows.announce import Announcer
from limner.flows.commission import Commission
from limner.flows.draw import DrawImage
from limner.flows.keep import KeepImage
from limner.flows.lease import LeaseKeeper
from limner.gates.breakers import Breakers
from limner.gates.line import Line
from limner.gates.shared import Shared, open_shared
from limner.gates.slots import Slots
from limner.images.base import ImageStore
from limner.images.folder import FolderStore
from limner.images.inspect import Inspected
from limner.jobs.queue import open_queue
from limner.providers.base import IN_HOUSE, Order, Picture, Terms, Ticket
from limner.providers.blank import BlankProvider
from limner.settings import Settings
from limner.store.characters import Characters
from limner.store.claims import Claims
from limner.store.database import Database
from limner.store.history import History
from limner.store.leases import Leases
from limner.store.ledger import Ledger
from limner.store.orders import Orders
from limner.store.plots import Plots

Draw = Callable[[Order, Ticket], Awaitable[Picture]]


class Painter:
    """A provider that does what a test wants."""

    stated_estimate = Estimate(0, 0)

    def __init__(
        self,
        *draws: Draw,
        name: str = "blank",
        default_model: str = "square",
        terms: Terms = IN_HOUSE,
    ) -> None:
        self.name = name
        self.default_model = default_model
        self.terms = terms
        self._draws = list(draws)
        self.orders: list[Order] = []

    async def draw(self, order: Order, ticket: Ticket) -> Picture:
        """What comes next of what it was told to do, the last of it again and again."""
        self.orders.append(order)
        draw = self._draws.pop(0) if len(self._draws) > 1 else self._draws[0]
        return await draw(order, ticket)

    async def check(self) -> str | None:
        """Nothing is needed."""
        return None

    async def aclose(self) -> None:
        """Nothing is held."""


class FullDisk:
    """A store that takes nothing."""

    async def put(self, inspected: Inspected) -> None:  # noqa: ARG002 - whatever it is
        raise StorageUnavailableError("No space left on device.")

    async def get(self, name: str) -> bytes:  # noqa: ARG002 - whatever it is
        raise StorageUnavailableError("No space left on device.")

    @asynccontextmanager
    async def removing(self, name: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async def remove() -> None:
            raise StorageUnavailableError(f"No space left on device, not even without {name}.")

        yield remove

    async def tidy(self) -> int:
        raise StorageUnavailableError("No space left on device.")


async def blank(order: Order, ticket: Ticket) -> Picture:
    """What the blank provider draws."""
    return await BlankProvider().draw(order, ticket)


def failing(error: BaseException) -> Draw:
    """A drawing that ends like this."""

    async def fail(order: Order, ticket: Ticket) -> Picture:
        raise error

    return fail


@dataclass
class Easel:
    """One worker's drawing, and the plot it draws for."""

    database: Database
    announcer: Announcer
    folder: Path
    shared: Shared
    settings: Settings
    plot_id: str
    images: ImageStore = field(init=False)

    def __post_init__(self) -> None:
        self.images = FolderStore(self.folder)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    def drawing(self, *painters: Painter, **settings: object) -> DrawImage:
        """The flow that a job runs, with these providers and these settings."""
        names = {"provider": tuple(painter.name for painter in painters)}
        own = self.settings.model_copy(update=names | settings)
        limited = [painter for painter in painters if painter.terms.orders_at_once]
        slots = {painter.name: self.slots(painter) for painter in limited}
        gates = Gates(Breakers(self.shared), Line(self.shared), slots)
        admission = Admission(gates, Orders(self.database), own)
        return DrawImage(
            self.ledger,
            LeaseKeeper(Leases(self.database), lease_seconds=own.lease_seconds),
            self.announcer,
            admission,
            Commission(
                {painter.name: painter for painter in painters},
                admission,
                Orders(self.database),
                own,
            ),
            KeepImage(Claims(self.database), self.images, own),
            own,
        )

    def slots(self, painter: Painter) -> Slots:
        """The slots of a provider, as another worker sees them."""
        return Slots(self.shared, painter.name, painter.terms.orders_at_once or 0)

    async def ask(
        self,
        *,
        max_attempts: int = 3,
        deadline_seconds: float = 600,
        provider: str = "blank",
        fails_over: bool = False,
    ) -> Transition:
        """A new character, and a generation of it that waits."""
        character = await Characters(self.database).add(
            self.plot_id, LOCAL_OWNER, name="Dursley", description="a stout man"
        )
        accepted = await self.ledger.accept(
            character.id,
            LOCAL_OWNER,
            Request(),
            provider=provider,
            model="square",
            stated=Estimate(0, 0),
            max_attempts=max_attempts,
            deadline_seconds=deadline_seconds,
            fails_over=fails_over,
        )
        return accepted.transition

    async def take(self, task_id: str) -> str:
        """Take a generation as another worker would; the token."""
        taken = await self.ledger.take(task_id, token=str(uuid4()), lease_seconds=600)
        assert taken is not None
        return taken.token

    async def history(self, task_id: str) -> list[Transition]:
        """All transitions of a generation."""
        return await History(self.database).of_generation(task_id, LOCAL_OWNER)

    async def statuses(self, task_id: str) -> list[Status]:
        """All statuses of a generation."""
        return [transition.status for transition in await self.history(task_id)]


@asynccontextmanager
async def open_easel(database: Database, redis_url: str, folder: Path) -> AsyncIterator[Easel]:
    """An easel that stands for as long as the block runs."""
    async with (
        open_bus(redis_url) as bus,
        open_queue(redis_url) as queue,
        open_shared(redis_url) as shared,
    ):
        plot = await Plots(database).add(LOCAL_OWNER, title="The Cupboard", style="")
        settings = Settings(data_dir=folder)
        yield Easel(database, Announcer(bus, queue), folder / "images", shared, settings, plot.id)
