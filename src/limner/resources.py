"""The one place that opens and closes what a process works with, in one `async with`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from limner.bus.channels import WAKE
from limner.bus.hub import open_hub
from limner.bus.publish import Bus, open_bus
from limner.domain.errors import StartError
from limner.flows.admission import Admission, Gates
from limner.flows.announce import Announcer
from limner.flows.cancel import Cancel
from limner.flows.commission import Commission
from limner.flows.draw import DrawImage
from limner.flows.follow import Follow
from limner.flows.keep import KeepImage
from limner.flows.lease import LeaseKeeper
from limner.flows.openings import open_openings
from limner.flows.places import telling_places
from limner.flows.recover import Recover
from limner.flows.request import RequestImage
from limner.flows.retain import Retain
from limner.flows.survey import Lookout, open_lookout
from limner.flows.wait import Wait
from limner.gates.breakers import Breakers
from limner.gates.line import Line
from limner.gates.shared import Shared, open_shared
from limner.gates.slots import Slots
from limner.images.base import ImageStore
from limner.images.registry import open_images
from limner.jobs.queue import Queue, open_queue
from limner.providers.base import Provider
from limner.providers.registry import open_providers
from limner.settings import Settings
from limner.store.characters import Characters
from limner.store.claims import Claims
from limner.store.database import Database, open_database
from limner.store.history import History
from limner.store.leases import Leases
from limner.store.ledger import Ledger
from limner.store.migrate import check_schema
from limner.store.orders import Orders
from limner.store.plots import Plots
from limner.store.recovery import Recovery
from limner.store.retention import Retention
from limner.store.surveys import Surveys

API_CONNECTIONS = 10
WORKER_CONNECTIONS = 5


@dataclass(frozen=True, slots=True)
class Resources:
    """What an API process works with."""

    settings: Settings
    database: Database
    bus: Bus
    plots: Plots
    characters: Characters
    history: History
    images: ImageStore
    announcer: Announcer
    request: RequestImage
    cancel: Cancel
    follow: Follow
    wait: Wait
    surveys: Surveys
    lookout: Lookout


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a worker works with."""

    settings: Settings
    keeper: LeaseKeeper
    draw: DrawImage
    recover: Recover
    retain: Retain


@dataclass(frozen=True, slots=True)
class _Ground:
    """What both stand on."""

    database: Database
    bus: Bus
    ledger: Ledger
    queue: Queue
    announcer: Announcer
    providers: dict[str, Provider]
    images: ImageStore


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """What an API process works with, open for as long as the block runs.

    Raises:
        StartError: a URL is missing, or Postgres can't be reached.
        SchemaError: the database does not fit to this program.
    """
    async with AsyncExitStack() as stack:
        ground = await _ground(stack, settings, API_CONNECTIONS)
        history = History(ground.database)
        hub = await stack.enter_async_context(open_hub(redis_url(settings), history))
        await stack.enter_async_context(telling_places(hub, history))
        openings = await stack.enter_async_context(open_openings(history))
        follow = Follow(hub, openings)
        plots = Plots(ground.database)
        surveys = Surveys(ground.database)
        yield Resources(
            settings=settings,
            database=ground.database,
            bus=ground.bus,
            plots=plots,
            characters=Characters(ground.database),
            history=history,
            images=ground.images,
            announcer=ground.announcer,
            request=RequestImage(ground.ledger, ground.announcer, ground.providers, settings),
            cancel=Cancel(ground.ledger, plots, history, ground.announcer),
            follow=follow,
            wait=Wait(follow, history),
            surveys=surveys,
            lookout=await stack.enter_async_context(open_lookout(hub, surveys)),
        )


@asynccontextmanager
async def open_workshop(settings: Settings) -> AsyncIterator[Workshop]:
    """What a worker works with, open for as long as the block runs.

    Raises:
        StartError: a URL is missing, or Postgres can't be reached.
        SchemaError: the database does not fit to this program.
    """
    async with AsyncExitStack() as stack:
        ground = await _ground(stack, settings, WORKER_CONNECTIONS)
        keeper = LeaseKeeper(Leases(ground.database), lease_seconds=settings.lease_seconds)
        shared = await stack.enter_async_context(open_shared(redis_url(settings)))
        line, orders = Line(shared), Orders(ground.database)
        admission = Admission(_gates(ground.providers, shared, line), orders, settings)
        yield Workshop(
            settings=settings,
            keeper=keeper,
            draw=DrawImage(
                ground.ledger,
                keeper,
                ground.announcer,
                admission,
                Commission(ground.providers, admission, orders, settings),
                KeepImage(Claims(ground.database), ground.images, settings),
                settings,
            ),
            recover=Recover(
                ground.ledger,
                Recovery(ground.database),
                ground.queue,
                line,
                ground.announcer,
                settings,
            ),
            retain=Retain(Retention(ground.database), ground.images),
        )


def _gates(providers: Mapping[str, Provider], shared: Shared, line: Line) -> Gates:
    slots = {
        name: Slots(shared, name, provider.terms.orders_at_once)
        for name, provider in providers.items()
        if provider.terms.orders_at_once is not None
    }
    return Gates(Breakers(shared), line, slots)


def database_url(settings: Settings) -> str:
    """Where Postgres is.

    Raises:
        StartError: no setting says so.
    """
    if settings.database_url is None:
        raise StartError(
            "LIMNER_DATABASE_URL is not set: name a Postgres, or use `limner up`, which brings one."
        )
    return settings.database_url


def redis_url(settings: Settings) -> str:
    """Where Redis is.

    Raises:
        StartError: no setting says so.
    """
    if settings.redis_url is None:
        raise StartError(
            "LIMNER_REDIS_URL is not set: name a Redis, or use `limner up`, which brings one."
        )
    return settings.redis_url


async def _ground(stack: AsyncExitStack, settings: Settings, connections: int) -> _Ground:
    await check_schema(database_url(settings))
    database = await stack.enter_async_context(
        open_database(database_url(settings), connections=connections)
    )
    bus = await stack.enter_async_context(open_bus(redis_url(settings)))
    queue = await stack.enter_async_context(open_queue(redis_url(settings), WAKE))
    return _Ground(
        database=database,
        bus=bus,
        ledger=Ledger(database),
        queue=queue,
        announcer=Announcer(bus, queue),
        providers=await stack.enter_async_context(open_providers(settings)),
        images=await stack.enter_async_context(open_images(settings)),
    )
