"""A move whose caller was cancelled is over when the cancellation is: made, or never to be made."""

import asyncio
import sys
from collections.abc import AsyncIterator
from time import monotonic

import pytest
import pytest_asyncio

from limner.embedded import PostgresServer
from limner.store.database import CANCEL_SECONDS, Database, open_database
from store.frozen import frozen
from store.story import MINUTES, Admin, Story, fresh, until_one_waits

linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest_asyncio.fixture
async def mortal_story(mortal: PostgresServer) -> AsyncIterator[Story]:
    """A story in the Postgres that may be stopped."""
    async with open_database(mortal.url, connections=2) as database:
        yield await Story.begun(database)


async def test_a_move_cancelled_while_it_waits_is_not_made_afterwards(
    story: Story, admin: Admin
) -> None:
    task_id = await story.waiting()
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR UPDATE")
        taking = asyncio.ensure_future(
            story.ledger.take(task_id, token=fresh(), lease_seconds=MINUTES)
        )
        await until_one_waits(admin)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert not await admin.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
    assert await story.ledger.cancel(task_id, move=fresh())
    assert [move[2] for move in await story.moves()] == ["pending", "canceled"]


async def test_a_move_cancelled_at_any_moment_is_made_or_not_when_that_is_known(
    database: Database, story: Story
) -> None:
    task_ids = [await story.waiting() for _ in range(30)]
    ends = set()
    for turns, task_id in enumerate(task_ids):
        taking = asyncio.ensure_future(
            story.ledger.take(task_id, token=fresh(), lease_seconds=MINUTES)
        )
        for _ in range(turns // 2):
            await asyncio.wait([taking], timeout=0)
        taking.cancel()
        await asyncio.wait([taking])
        (row,) = await story.rows("SELECT status FROM generations WHERE id = $1", task_id)
        ends.add(row["status"])
        canceled = await story.ledger.cancel(task_id, move=fresh())
        assert canceled is not None
        assert canceled.previous == row["status"]
    assert "pending" in ends


@linux
async def test_a_move_cancelled_while_postgres_is_frozen_is_given_up_soon(
    mortal_story: Story, mortal: PostgresServer
) -> None:
    story = mortal_story
    task_id = await story.waiting()
    with frozen(mortal):
        taking = asyncio.ensure_future(
            story.ledger.take(task_id, token=fresh(), lease_seconds=MINUTES)
        )
        await asyncio.wait([taking], timeout=0)
        taking.cancel()
        began = monotonic()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert monotonic() - began < 2 * CANCEL_SECONDS
    await story.drawn()
