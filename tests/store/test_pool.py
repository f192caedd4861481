"""Connections: what one user does to one never reaches the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
import pytest_asyncio

from limner.store.database import Database, open_database
from limner.store.recovery import Recovery
from limner.store.retention import Retention
from store.story import OWNER, Admin, Story, fresh, until_one_waits


@pytest_asyncio.fixture
async def single(database_url: str) -> AsyncIterator[Database]:
    """A pool with one connection, so that whoever comes next gets what the last one left."""
    async with open_database(database_url, connections=1) as database:
        yield database


async def ask(database: Database, question: str) -> object:
    async with database.connection() as connection:
        return await connection.fetchval(question)


async def test_a_user_cancelled_in_a_query_leaves_a_pool_that_works(
    single: Database, story: Story, admin: Admin
) -> None:
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR UPDATE")
        for _ in range(3):
            waiting = asyncio.ensure_future(ask(single, "SELECT 1 FROM plots FOR UPDATE"))
            await until_one_waits(admin)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await ask(single, "SELECT 2") == 2


async def test_a_user_cancelled_in_a_transaction_keeps_nothing_and_holds_no_lock(
    single: Database, story: Story
) -> None:
    inside = asyncio.Event()

    async def change() -> None:
        async with single.transaction() as connection:
            await connection.execute("UPDATE plots SET title = 'half'")
            inside.set()
            await asyncio.Event().wait()

    changing = asyncio.ensure_future(change())
    await inside.wait()
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    assert (await story.plots.get(story.plot_id, OWNER)).title == "The Lighthouse"
    assert await story.plots.change(story.plot_id, OWNER, title="Whole", style=None)


async def test_a_user_cancelled_while_waiting_for_a_connection_takes_none(
    single: Database,
) -> None:
    async with single.connection():
        waiting = [asyncio.ensure_future(ask(single, "SELECT 1")) for _ in range(5)]
        await asyncio.wait(waiting, timeout=0)
        for each in waiting:
            each.cancel()
        await asyncio.wait(waiting)
    assert await ask(single, "SELECT 2") == 2


async def test_an_error_in_a_transaction_undoes_it_and_is_the_callers_own(
    single: Database, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    async def change() -> None:
        async with single.transaction() as connection:
            await connection.execute("UPDATE plots SET title = 'half'")
            raise LookupError("of the caller's")

    with pytest.raises(LookupError, match="of the caller's"):
        await change()
    assert caplog.records == []  # asyncpg undoes a forgotten transaction too, but complains
    assert (await story.plots.get(story.plot_id, OWNER)).title == "The Lighthouse"
    assert await ask(single, "SELECT 2") == 2


async def test_a_law_broken_in_a_transaction_is_told_as_it_is(
    single: Database, story: Story
) -> None:
    async def change() -> None:
        async with single.transaction() as connection:
            await connection.execute("UPDATE plots SET seq = -1")

    with pytest.raises(asyncpg.CheckViolationError):
        await change()
    assert await ask(single, "SELECT 2") == 2


async def test_a_wrong_argument_is_no_absence_of_the_database(single: Database) -> None:
    async with single.connection() as connection:
        with pytest.raises(asyncpg.DataError):
            await connection.fetchval("SELECT cast($1 AS uuid)", "no uuid")
    with pytest.raises(asyncpg.DataError):
        async with single.connection() as connection:
            await connection.fetchval("SELECT cast($1 AS integer)", "no integer")
    assert await ask(single, "SELECT 2") == 2


async def test_a_connection_given_back_in_a_transaction_is_clean_for_the_next(
    single: Database, story: Story
) -> None:
    for last in (
        "SELECT 1",
        "SELECT 1 / 0",
    ):  # one that would have gone on, and one that has failed
        with suppress(asyncpg.DivisionByZeroError):
            async with single.connection() as connection:
                await connection.execute("BEGIN; UPDATE plots SET title = 'half'")
                await connection.execute(last)
        assert await ask(single, "SELECT pg_current_xact_id_if_assigned()") is None
        assert (await story.plots.get(story.plot_id, OWNER)).title == "The Lighthouse"


async def test_a_law_broken_at_the_commit_of_one_statement_is_told_as_it_is(
    single: Database, story: Story
) -> None:
    task_id = await story.waiting()
    async with single.connection() as connection:
        with pytest.raises(asyncpg.ForeignKeyViolationError):  # is looked at when it commits
            await connection.fetchrow(
                "UPDATE generations SET status = 'canceled', finished_at = now()"
                " WHERE id = $1 RETURNING id",
                task_id,
            )
    assert await story.moves() == [(1, None, "pending")]


async def test_a_whole_life_leaves_nothing_in_its_session(single: Database) -> None:
    """Sessions are not reset between their users."""
    before = await _session(single)
    story = await Story.begun(single)
    await story.drawn()
    await story.fail(await story.taken())
    returned = await story.taken()
    await story.give_back(returned)
    await story.ledger.cancel(returned.transition.task_id, move=fresh())
    await story.drawn(character_id := await story.somebody())
    await story.ledger.remove_character(character_id, OWNER)
    async with Recovery(single).turn() as is_ours:
        assert is_ours
    retention = Retention(single)
    await story.plots.remove(story.plot_id, OWNER)
    await retention.keys()
    while (await retention.purge()).has_more:
        pass
    assert await _session(single) == before


async def _session(database: Database) -> list[object]:
    """All that a session may keep."""
    return [
        await ask(database, question)
        for question in (
            "SELECT array_agg(name) FROM pg_settings WHERE setting != reset_val",
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'",
            "SELECT count(*) FROM pg_cursors WHERE name <> ''",
            "SELECT count(*) FROM pg_listening_channels()",
            "SELECT pg_my_temp_schema()",
        )
    ]


async def test_ids_are_strings_in_lower_case_whatever_came_in(single: Database) -> None:
    upper = "9F86D081-884C-4D65-9A2F-EAA0C55AD015"
    async with single.connection() as connection:
        answer = await connection.fetchval("SELECT cast($1 AS uuid)", upper)
    assert answer == upper.lower()


async def test_the_server_bounds_statements_locks_and_idle_transactions(single: Database) -> None:
    bounds = [
        await ask(single, f"SHOW {name}")
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    ]
    assert bounds == ["4s", "3s", "10s"]
    assert await ask(single, "SHOW timezone") == "UTC"
