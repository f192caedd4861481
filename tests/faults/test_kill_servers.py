"""Valkey or Postgres killed at every step of a generation's life; Limner's processes go on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from faults.held import REFUSED
from faults.mortals import Mortals, mortals
from faults.witness import case

ONCE = ["pending", "generating", "completed"]
TWICE = ["pending", "generating", "pending", "generating", "completed"]
VICTIMS = ["valkey", "postgres"]


@pytest_asyncio.fixture(scope="module")
async def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mortals]:
    """Everything for the tests of this file, in a folder of its own."""
    folder = tmp_path_factory.mktemp("patient")
    async with mortals(folder, LIMNER_LEASE_SECONDS="60") as opened:
        yield opened


@pytest_asyncio.fixture
async def patient(all_of_them: Mortals) -> Mortals:
    """Servers that a test may kill; no lease runs out while a process is held."""
    await all_of_them.whole()
    return all_of_them


async def _dies(mortals: Mortals, victim: str) -> None:
    await (mortals.postgres_dies() if victim == "postgres" else mortals.valkey_dies())


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize(
    "step",
    [
        "accept: not begun",
        "accept: about to commit",
        "accept: committed",
        "queue: not yet",
        "pending: published",
        "queue: has it",
        "accept: not answered",
    ],
)
async def test_a_server_dies_while_an_api_accepts(patient: Mortals, step: str, victim: str) -> None:
    async with case(patient) as it:
        patient.near.hold(step)
        asking = asyncio.create_task(it.ask(), name="ask")
        await patient.near.held(step)
        await _dies(patient, victim)
        patient.near.go()
        if (victim, step) == ("postgres", "accept: about to commit"):
            assert await asking == 503
            assert await it.task_ids() == []
            assert await it.ask() == 202
        else:
            assert await asking == 202
        await it.ends(*ONCE)
        assert it.near.returns == 0


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize(
    "step",
    [
        "take: not begun",
        "take: about to commit",
        "take: committed",
        "generating: published",
        "image: not drawn",
        "image: not claimed",
        "image: not stored",
        "image: half written",
        "image: stored",
        "complete: about to commit",
        "complete: committed",
        "completed: published",
    ],
)
async def test_a_server_dies_while_a_worker_draws(patient: Mortals, step: str, victim: str) -> None:
    async with case(patient) as it:
        patient.worker.hold(step)
        assert await it.ask() == 202
        await patient.worker.held(step)
        await _dies(patient, victim)
        patient.worker.go()
        await it.ends(*ONCE)
        assert it.near.returns == 0


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize(
    "step",
    [
        "give back: not begun",
        "give back: about to commit",
        "give back: committed",
        "queue: not yet",
        "pending: published",
        "queue: has it",
    ],
)
async def test_a_server_dies_while_a_worker_gives_back_what_it_could_not_draw(
    patient: Mortals, step: str, victim: str
) -> None:
    async with case(patient, REFUSED) as it:
        patient.worker.hold(step)
        assert await it.ask() == 202
        await patient.worker.held(step)
        await _dies(patient, victim)
        patient.worker.go()
        await it.ends(*TWICE, attempts=2)
        assert it.near.returns == 0
