"""The commands that a person or a supervisor runs one by one."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from cli.command import ran
from limner.embedded import PostgresServer
from limner.settings import Settings, variable
from limner.store.migrate import migrations
from stage.process import BOUND_SECONDS, running

TESTS = Path(__file__).parents[1]


@pytest_asyncio.fixture
async def empty_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """A database in which there is nothing."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE empty")
    yield postgres.url.replace("/limner?", "/empty?")
    await connection.execute("DROP DATABASE empty WITH (FORCE)")
    await connection.close()


async def test_help_lists_every_setting_and_every_command() -> None:
    helped = await ran("--help", env={})
    assert helped.code == 0
    for name, field in Settings.model_fields.items():
        assert variable(name) in helped.out
        assert str(field.description).split(";")[0].split(":")[0] in helped.out
        if field.default is not None:
            assert f"({field.default})" in helped.out
    for command in ("up", "api", "worker", "migrate", "doctor"):
        assert f" {command} " in helped.out


async def test_migrate_brings_an_empty_database_up_and_then_has_nothing_to_do(
    empty_url: str,
) -> None:
    env = {"LIMNER_DATABASE_URL": empty_url}
    first = await ran("migrate", env=env)
    assert first.code == 0
    assert all(migration.name in first.out for migration in migrations())
    second = await ran("migrate", env=env)
    assert (second.code, second.out) == (0, "The database is up to date.\n")


async def test_a_command_has_the_garbage_collector_that_rested_while_it_was_imported(
    empty_url: str,
) -> None:
    env = {"LIMNER_DATABASE_URL": empty_url, "PYTHONPATH": str(TESTS)}
    assert (await ran("migrate", env=env, module="cli.collected")).out.endswith("collector: True\n")
    assert (await ran("--help", env=env, module="cli.collected")).out.endswith("collector: False\n")


async def test_two_that_migrate_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    env = {"LIMNER_DATABASE_URL": empty_url}
    both = await asyncio.gather(*(ran("migrate", env=env) for _ in range(2)))
    assert [one.code for one in both] == [0, 0]
    assert sum("up to date" in one.out for one in both) == 1


READY = {"api": "Serving", "worker": "Waiting for generations"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", READY)
async def test_a_process_that_is_told_to_stop_ends_well(
    env: dict[str, str], command: str, number: signal.Signals
) -> None:
    async with running(command, env=env) as process:
        await process.said(READY[command])
        process.send(number)
        assert await process.ended() == 0
    assert not any("Traceback" in line for line in process.raw)


@pytest.mark.parametrize("command", READY)
async def test_a_process_that_is_told_to_stop_while_it_starts_has_heard_it(
    env: dict[str, str], database_url: str, command: str
) -> None:
    connection = await asyncpg.connect(database_url)
    async with running(command, env=env) as process:
        async with asyncio.timeout(BOUND_SECONDS), connection.transaction():
            await connection.execute("LOCK TABLE limner_migrations")
            while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                pass
            process.send(signal.SIGTERM)
        assert await process.ended() == 0
    await connection.close()
