"""Machines whose clocks jump or differ: time is Postgres's, and an image is drawn by any clock."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from faults.conftest import TESTS
from faults.hired import GO, HELD
from faults.leases import until_renewed
from faults.skewed import BACK, FORWARD, HOUR_SECONDS, JUMPED, SKEW
from faults.story import StartWorker, ids, metadata, statuses, until_final
from stage.author import Author, session_of
from stage.process import BOUND_SECONDS, Process, running
from stage.reader import Event, watching

StartSkewed = Callable[..., AbstractAsyncContextManager[Process]]
ALMOST_AN_HOUR = timedelta(seconds=0.9 * HOUR_SECONDS)
JUMPS = {"forwards": FORWARD, "backwards": BACK}
FAST, SLOW = str(HOUR_SECONDS), str(-HOUR_SECONDS)


@pytest.fixture
def skewed(env: dict[str, str]) -> StartSkewed:
    """Starts a program under a clock of its own, see `faults.skewed`."""

    @asynccontextmanager
    async def start(*words: str, says: str, **settings: str) -> AsyncIterator[Process]:
        led = {**env, "PYTHONPATH": str(TESTS), **settings}
        async with running(*words, env=led, module="faults.skewed") as process:
            await process.said(says)
            yield process

    return start


@asynccontextmanager
async def _author_of(process: Process) -> AsyncIterator[Author]:
    address = str((await process.said("Serving"))["address"])
    async with session_of(address) as session:
        yield Author(session, address)


def _is_an_hour_off(event: Event) -> bool:
    """Whether it is a heartbeat, which tells the time of the process that serves the stream."""
    if event.name != "heartbeat":
        return False
    return abs(datetime.fromisoformat(str(event.json["at"])) - datetime.now(UTC)) > ALMOST_AN_HOUR


LEASE_SECONDS = 3
"""Here a lease must not run out, however busy the machine is."""
LEASE = {"LIMNER_LEASE_SECONDS": str(LEASE_SECONDS)}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
async def test_a_clock_that_jumps_by_an_hour_while_an_image_is_drawn_changes_nothing(
    skewed: StartSkewed, hired: StartWorker, database_url: str, jump: signal.Signals
) -> None:
    began = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        server, worker = await asyncio.gather(
            stack.enter_async_context(
                skewed("api", says="Serving", LIMNER_HEARTBEAT_SECONDS="0.3")
            ),
            stack.enter_async_context(skewed("hired", says="Waiting for generations", **LEASE)),
        )
        author = await stack.enter_async_context(_author_of(server))
        plot_id = await author.plot()
        held, next_one = [await author.character(plot_id, name) for name in (HELD, "Ada")]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        await author.draw(held)
        events = [await stream.next() for _ in range(2)]
        await stack.enter_async_context(hired(**LEASE))  # it would take what is lost
        for process in (server, worker):
            process.send(jump)
            await process.said(JUMPED)
        await stream.find(_is_an_hour_off)
        await until_renewed(database_url, after_seconds=LEASE_SECONDS + 0.5)
        worker.send(GO)
        events += await until_final(stream)
        await author.draw(next_one)
        events += await until_final(stream)
    ended = datetime.now(UTC)
    assert ids(events) == [1, 2, 3, 4, 5, 6]
    assert statuses(events) == ["pending", "generating", "completed"] * 2
    assert [metadata(event)["attempt"] for event in events] == [0, 1, 1] * 2
    times = [datetime.fromisoformat(str(event.json["at"])) for event in events]
    assert sorted(times) == times
    assert began < times[0]
    assert times[-1] < ended
    assert 0 < float(str(metadata(events[2])["duration_seconds"])) < BOUND_SECONDS


CLOCKS = {
    "the worker's is behind": ("0", SLOW),
    "the worker's is ahead": ("0", FAST),
    "the server's is ahead": (FAST, "0"),
    "the server's is behind": (SLOW, "0"),
}


@pytest.mark.parametrize(("serving", "drawing"), CLOCKS.values(), ids=CLOCKS.keys())
async def test_machines_whose_clocks_differ_by_an_hour_draw_what_they_are_asked_for(
    skewed: StartSkewed, serving: str, drawing: str
) -> None:
    async with AsyncExitStack() as stack:
        server, _ = await asyncio.gather(
            stack.enter_async_context(skewed("api", says="Serving", **{SKEW: serving})),
            stack.enter_async_context(
                skewed("worker", says="Waiting for generations", **{SKEW: drawing})
            ),
        )
        author = await stack.enter_async_context(_author_of(server))
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        final = await author.finished(character_id)
    assert (final["status"], final["metadata"]["attempt"]) == ("completed", 1)
