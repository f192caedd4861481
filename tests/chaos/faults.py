"""The kinds of faults, the plan of them that a seed makes, and carrying it out."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from chaos.records import Blow
from chaos.victims import Member, Postgres, Valkey, Victim
from chaos.world import World

LONGEST_GAP_SECONDS = 3.5
"""Between two faults, on average."""
LONGEST_HOLD_SHARE = 0.3
"""A pause in a short run is no longer than this share of it."""
FIRST_SECONDS = 0.5
HEAL_SECONDS = 90.0
"""How long anything may take to be whole again."""


@dataclass(frozen=True)
class Fault:
    """One kind of thing that is done to somebody."""

    kind: str
    hold_seconds: tuple[float, float]
    """For how long, at least and at most."""
    victim: Callable[[World, int], Victim]
    deed: Callable[[Any, float], Awaitable[None]]


@dataclass(frozen=True)
class Strike:
    """One fault of a plan."""

    at_seconds: float
    """Since the beginning."""
    fault: Fault
    number: int
    """Which of several is hit."""
    hold_seconds: float


def _worker(world: World, number: int) -> Victim:
    return world.workers[number % len(world.workers)]


def _api(world: World, number: int) -> Victim:
    return world.apis[number % len(world.apis)]


def _postgres(world: World, _number: int) -> Victim:
    return world.postgres


def _valkey(world: World, _number: int) -> Victim:
    return world.valkey


FAULTS = (
    Fault("worker killed", (0, 1), _worker, Member.killed),
    Fault("worker frozen", (3, 10), _worker, Member.frozen),  # others draw meanwhile
    Fault("worker rolled out", (0, 0.5), _worker, Member.stopped),
    Fault("API killed", (0, 2), _api, Member.killed),
    Fault("API frozen", (0.5, 5), _api, Member.frozen),
    Fault("API rolled out", (0, 0.5), _api, Member.stopped),
    Fault("Valkey killed, back empty", (0, 3), _valkey, Valkey.killed),
    Fault("Valkey frozen", (1, 7), _valkey, Valkey.frozen),
    Fault("Valkey flushed", (0, 0), _valkey, Valkey.flushed),
    Fault("Valkey's clients killed", (0, 0), _valkey, Valkey.cut),
    Fault("Postgres killed, recovered", (0, 2), _postgres, Postgres.killed),
    Fault("Postgres frozen", (0.5, 5), _postgres, Postgres.frozen),
    Fault("Postgres's clients killed", (0, 0), _postgres, Postgres.cut),
)


def plan_of(seed: int, seconds: float) -> list[Strike]:
    """The faults of a run; the same for the same seed and length. Each kind comes equally often."""
    chance = random.Random(seed)  # noqa: S311 - it is meant to be repeated
    gap_seconds = min(LONGEST_GAP_SECONDS, 0.9 * (seconds - FIRST_SECONDS) / len(FAULTS))
    strikes: list[Strike] = []
    at_seconds = FIRST_SECONDS
    kinds = _in_turn(chance)
    while at_seconds < seconds:
        fault = next(kinds)
        hold_seconds = min(chance.uniform(*fault.hold_seconds), LONGEST_HOLD_SHARE * seconds)
        strikes.append(Strike(at_seconds, fault, chance.randrange(60), hold_seconds))
        at_seconds += gap_seconds * chance.uniform(0.6, 1.4)
    return strikes


def _in_turn(chance: random.Random) -> Iterator[Fault]:
    """Every kind once in a random order, and again, without an end."""
    return itertools.chain.from_iterable(
        chance.sample(FAULTS, len(FAULTS)) for _ in itertools.count()
    )


async def carry_out(
    strikes: list[Strike], world: World, blows: list[Blow], tell: Callable[[Blow], None]
) -> None:
    """Strike as planned, and return when everything is whole again.

    Faults of one victim come one after the other; those of several may hold at once.
    """
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for strike in strikes:
            left_seconds = began + strike.at_seconds - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0, left_seconds))
            name = f"{strike.fault.kind} at {strike.at_seconds:.1f}"
            group.create_task(_strike(strike, world, blows, tell), name=name)


async def _strike(
    strike: Strike, world: World, blows: list[Blow], tell: Callable[[Blow], None]
) -> None:
    victim = strike.fault.victim(world, strike.number)
    try:
        async with struck(victim, strike.fault.kind, blows) as blow:
            await strike.fault.deed(victim, strike.hold_seconds)
    except TimeoutError:
        return  # a blow without an end is a finding
    tell(blow)


@asynccontextmanager
async def struck(victim: Victim, kind: str, blows: list[Blow]) -> AsyncIterator[Blow]:
    """Write down that the block does something to somebody, to whom nothing else is done then."""
    async with victim.lock:
        blow = Blow(kind, victim.name, time.time())
        blows.append(blow)
        async with asyncio.timeout(HEAL_SECONDS):
            yield blow
        blow.ended = time.time()
