"""A worker or an API killed at every step of a generation's life; another takes its place."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from faults.held import REASON, REFUSED
from faults.mortals import Mortals, mortals
from faults.story import metadata
from faults.witness import case
from limner.flows.recover import LOST

ONCE = ["pending", "generating", "completed"]
TWICE = ["pending", "generating", "pending", "generating", "completed"]
DRAWING = "image: not drawn"


@pytest_asyncio.fixture(scope="module")
async def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mortals]:
    """Everything for the tests of this file, in a folder of its own."""
    folder = tmp_path_factory.mktemp("impatient")
    async with mortals(folder, LIMNER_LEASE_SECONDS="1") as opened:
        yield opened


@pytest_asyncio.fixture
async def impatient(all_of_them: Mortals) -> Mortals:
    """Processes that a test may kill; who is silent for a second has lost its lease."""
    await all_of_them.whole()
    return all_of_them


@pytest.mark.parametrize(
    ("step", "is_accepted"),
    [
        ("accept: not begun", False),
        ("accept: about to commit", False),
        ("accept: committed", True),
        ("queue: not yet", True),
        ("pending: published", True),
        ("queue: has it", True),
        ("accept: not answered", True),
    ],
)
async def test_an_api_dies_while_it_accepts(
    impatient: Mortals, step: str, *, is_accepted: bool
) -> None:
    async with case(impatient) as it:
        impatient.worker.hold(DRAWING)
        impatient.near.hold(step)
        asking = asyncio.create_task(it.ask(), name="ask")
        await impatient.near.held(step)
        await impatient.near_dies()
        with pytest.raises(aiohttp.ClientError):
            await asking
        accepted = await it.task_ids()
        assert len(accepted) == is_accepted
        assert await it.ask() == (200 if is_accepted else 202)
        assert (await it.task_ids())[: len(accepted)] == accepted
        await impatient.worker.held(DRAWING)
        impatient.worker.go()
        await it.ends(*ONCE)
        assert it.near.returns == 1


@pytest.mark.parametrize(
    ("step", "seen"), [("take: not begun", 1), (DRAWING, 2), ("complete: committed", 2)]
)
async def test_an_api_dies_while_it_streams(impatient: Mortals, step: str, seen: int) -> None:
    async with case(impatient) as it:
        impatient.worker.hold(step)
        assert await it.ask() == 202
        await impatient.worker.held(step)
        await it.near.until(lambda witness: len(witness.events) >= seen)
        await impatient.near.kill()
        impatient.worker.go()
        await it.far.until(lambda witness: len(witness.events) == len(ONCE))
        await impatient.near.follow()
        await it.ends(*ONCE)
        assert it.near.returns == 1


async def test_an_api_dies_with_an_event_that_it_has_heard_and_not_sent(
    impatient: Mortals,
) -> None:
    step = "stream: heard, not sent"
    async with case(impatient) as it:
        impatient.worker.hold("take: not begun")
        assert await it.ask() == 202
        await impatient.worker.held("take: not begun")
        await it.near.until(lambda witness: len(witness.events) == 1)
        impatient.near.hold(step)
        impatient.worker.go()
        await impatient.near.held(step)
        await impatient.near_dies()
        await it.ends(*ONCE)
        assert it.near.returns == 1


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("take: not begun", ONCE),
        ("take: about to commit", ONCE),
        ("take: committed", TWICE),
        ("generating: published", TWICE),
        ("image: not drawn", TWICE),
        ("image: not claimed", TWICE),
        ("image: not stored", TWICE),
        ("image: half written", TWICE),
        ("image: stored", TWICE),
        ("complete: about to commit", TWICE),
        ("complete: committed", ONCE),
        ("completed: published", ONCE),
    ],
)
async def test_a_worker_dies_while_it_draws(
    impatient: Mortals, step: str, expected: list[str]
) -> None:
    async with case(impatient) as it:
        impatient.worker.hold(step)
        assert await it.ask() == 202
        await impatient.worker.held(step)
        await impatient.worker_dies()
        await it.ends(*expected, attempts=expected.count("generating"))
        assert it.near.returns == 0
        if expected == TWICE:
            assert metadata(it.near.events[2])["last_error"] == LOST


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("give back: not begun", LOST),
        ("give back: about to commit", LOST),
        ("give back: committed", REASON),
        ("queue: not yet", REASON),
        ("pending: published", REASON),
        ("queue: has it", REASON),
    ],
)
async def test_a_worker_dies_while_it_gives_back_what_it_could_not_draw(
    impatient: Mortals, step: str, reason: str
) -> None:
    async with case(impatient, REFUSED) as it:
        impatient.worker.hold(step)
        assert await it.ask() == 202
        await impatient.worker.held(step)
        await impatient.worker_dies()
        await it.ends(*TWICE, attempts=2)
        assert it.near.returns == 0
        assert metadata(it.near.events[2])["last_error"] == reason


@pytest.mark.parametrize(
    "step",
    [
        "take back: not begun",
        "take back: about to commit",
        "take back: committed",
        "queue: not yet",
    ],
)
async def test_a_worker_dies_while_it_takes_back_what_another_has_lost(
    impatient: Mortals, step: str
) -> None:
    async with case(impatient) as it:
        impatient.worker.hold(DRAWING)
        assert await it.ask() == 202
        await impatient.worker.held(DRAWING)
        await impatient.worker.kill()
        impatient.worker.hold(step)
        await impatient.worker.follow()
        await impatient.worker.held(step)
        await impatient.worker_dies()
        await it.ends(*TWICE, attempts=2)
        assert it.near.returns == 0


@pytest.mark.parametrize("step", ["dispatch: committed", "queue: has it"])
async def test_a_worker_dies_while_it_hands_over_what_the_queue_forgot(
    impatient: Mortals, step: str
) -> None:
    async with case(impatient) as it:
        impatient.worker.hold("take: not begun")
        assert await it.ask() == 202
        await impatient.worker.held("take: not begun")
        await impatient.worker.kill()
        impatient.worker.hold(step)
        await impatient.worker.follow()
        await impatient.worker.held(step)
        await impatient.worker_dies()
        await it.ends(*ONCE)
        assert it.near.returns == 0
