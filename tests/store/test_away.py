"""Postgres is away: stopped, killed, frozen. Every call ends in time, and the same pool goes on."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import pytest
import pytest_asyncio

from limner.domain.errors import DatabaseUnavailableError, StartError
from limner.embedded import PostgresServer
from limner.store.database import open_database
from limner.store.ledger import Ledger
from limner.store.migrate import check_schema
from store.frozen import frozen
from store.story import MINUTES, OWNER, Story, fresh

linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
CONNECTIONS = 4
DUE_SECONDS = 5.0
"""By then every answer must be there (contract, section 3)."""


@pytest_asyncio.fixture
async def story(mortal: PostgresServer) -> AsyncIterator[Story]:
    """A story in the Postgres that may be stopped."""
    async with open_database(mortal.url, connections=CONNECTIONS) as database:
        yield await Story.begun(database)


def calls(story: Story, task_id: str, character_id: str) -> list[Callable[[], Awaitable[object]]]:
    """One of each kind of call, more than the pool has connections."""
    ledger, history = story.ledger, story.history
    return [
        story.database.check,
        lambda: story.plots.get(story.plot_id, OWNER),
        lambda: story.plots.page(OWNER, before=None, count=5),
        lambda: story.characters.of_plot(story.plot_id, OWNER),
        lambda: story.ask(character_id),
        lambda: ledger.take(task_id, token=fresh(), lease_seconds=MINUTES),
        lambda: ledger.cancel(task_id, move=fresh()),
        lambda: story.leases.renew(task_id, token=fresh(), lease_seconds=MINUTES),
        story.now,
        lambda: history.strayed({story.plot_id: 0}),
    ]


async def assert_unavailable(call: Callable[[], Awaitable[object]]) -> None:
    began = monotonic()
    with pytest.raises(DatabaseUnavailableError, match=r"^The database is not available: \w+\.$"):
        await call()
    assert monotonic() - began < DUE_SECONDS


async def works(story: Story) -> None:
    """The pool answers as often as it has connections, at the same time."""
    await asyncio.gather(*(story.database.check() for _ in range(CONNECTIONS)))
    await story.drawn()


async def test_a_stopped_postgres_is_unavailable_at_once_and_back_when_it_is_back(
    story: Story, mortal: PostgresServer
) -> None:
    asked = calls(story, await story.waiting(), await story.somebody())
    await mortal.stop()
    began = monotonic()
    await asyncio.gather(*map(assert_unavailable, asked))
    assert monotonic() - began < 1
    await mortal.start()
    await works(story)


async def test_a_postgres_killed_amid_a_transaction_has_kept_nothing_of_it(
    story: Story, mortal: PostgresServer
) -> None:
    async def change() -> None:
        async with story.database.transaction() as connection:
            await connection.execute("UPDATE plots SET title = 'lost'")
            await mortal.kill()
            await mortal.start()
            await connection.execute("UPDATE plots SET title = 'lost'")

    with pytest.raises(DatabaseUnavailableError):
        await change()
    await works(story)
    assert (await story.plots.get(story.plot_id, OWNER)).title == "The Lighthouse"


@linux
async def test_a_frozen_postgres_is_unavailable_within_five_seconds_and_back_afterwards(
    story: Story, mortal: PostgresServer
) -> None:
    asked = calls(story, await story.waiting(), await story.somebody())
    await works(story)
    with frozen(mortal):
        await asyncio.gather(*map(assert_unavailable, asked))
    await works(story)


@linux
async def test_a_postgres_that_freezes_amid_transactions_and_before_connecting_is_unavailable(
    story: Story, mortal: PostgresServer
) -> None:
    inside, go = asyncio.Barrier(CONNECTIONS + 1), asyncio.Event()

    async def amid() -> None:
        async with story.database.transaction() as connection:
            await connection.execute("UPDATE plots SET title = title WHERE id = $1", fresh())
            await inside.wait()
            await go.wait()
            await connection.execute("SELECT 1")

    async def connecting() -> None:
        with pytest.raises(StartError):
            await check_schema(mortal.url)

    amids = [asyncio.create_task(assert_unavailable(amid)) for _ in range(CONNECTIONS)]
    await inside.wait()
    with frozen(mortal):
        go.set()
        await asyncio.wait_for(asyncio.gather(*amids, connecting()), DUE_SECONDS)
    await works(story)


async def test_a_connection_ended_by_the_server_costs_one_call_at_most(story: Story) -> None:
    await works(story)
    await asyncio.gather(
        *(story.rows("SELECT pg_terminate_backend(pg_backend_pid())") for _ in range(CONNECTIONS)),
        return_exceptions=True,
    )
    await works(story)


@pytest.mark.parametrize("last", ["SELECT 1", "BEGIN"])
async def test_a_connection_that_freezes_after_its_use_is_given_back_at_once_and_leaves_no_error(
    story: Story, mortal: PostgresServer, last: str
) -> None:
    unheard: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unheard.append(context))
    try:
        async with asyncio.timeout(1), story.database.connection() as connection:
            await connection.execute(last)
            pid = connection.get_server_pid()
            os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        await mortal.restart()
        await works(story)
        gc.collect()
    finally:
        loop.set_exception_handler(None)
    assert unheard == []


async def test_nobody_waits_for_a_lock_longer_than_an_answer_may_take(story: Story) -> None:
    task_id = await story.waiting()
    async with story.database.transaction() as connection:
        await connection.execute("SELECT FROM plots FOR UPDATE")
        await assert_unavailable(lambda: story.ledger.cancel(task_id, move=fresh()))
    assert await story.ledger.cancel(task_id, move=fresh())


async def test_a_postgres_that_is_not_there_at_the_start_is_a_sentence() -> None:
    with pytest.raises(StartError, match=r"^Postgres at LIMNER_DATABASE_URL does not let us in: "):
        async with open_database("postgresql://x@/x?host=/nowhere", connections=1):
            pass


async def test_a_pool_that_is_closed_says_so_as_any_other_absence(mortal: PostgresServer) -> None:
    async with open_database(mortal.url, connections=1) as database:
        pass
    await assert_unavailable(database.check)
    await assert_unavailable(lambda: Ledger(database).cancel(fresh(), move=fresh()))
