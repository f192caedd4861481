"""What `limner doctor` says of Postgres, Redis and workers that are not as they should be."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from cli.examined import examined
from limner.bus.checkup import check_redis
from limner.domain.finding import Finding, Mark
from limner.embedded import PostgresServer, ValkeyServer
from limner.flows.examine import Check, examine
from limner.flows.examine_queue import check_queue
from limner.jobs.queue import QUEUE
from limner.store.checkup import CONNECTIONS, check_postgres
from stage.process import BOUND_SECONDS, Process

StartWorker = Callable[..., AbstractAsyncContextManager[Process]]


async def told(database_url: str) -> Finding:
    """The one thing that is found out about a Postgres."""
    (found,) = await check_postgres(database_url)
    assert "secret" not in str(found)
    return found


@pytest_asyncio.fixture
async def admin(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that may do everything; the role `ada` is gone afterwards."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE ROLE ada LOGIN PASSWORD 'secret-1'")
    yield connection
    await connection.execute("DROP OWNED BY ada")
    await connection.execute("DROP ROLE ada")
    await connection.close()


def as_ada(url: str) -> str:
    return url.replace("limner@", "ada:secret-1@")


async def test_a_postgres_that_was_stopped_is_told_where_it_should_be(tmp_path: Path) -> None:
    found = await told(PostgresServer(tmp_path).url)
    assert found.mark == Mark.WRONG
    assert str(tmp_path) in found.words
    assert found.advice.startswith("Start Postgres")


async def test_a_wrong_password_is_told_as_one(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text("local all ada scram-sha-256\nlocal all all trust\n")
    async with PostgresServer(tmp_path / "data", {"hba_file": str(rules)}) as postgres:
        connection = await asyncpg.connect(postgres.url)
        await connection.execute("CREATE ROLE ada LOGIN PASSWORD 'another'")
        await connection.close()
        found = await told(as_ada(postgres.url))
    assert found.mark == Mark.WRONG
    assert "password authentication failed" in found.words
    assert "user and password" in found.advice


async def test_a_database_that_there_is_not_is_told_as_one(postgres: PostgresServer) -> None:
    found = await told(postgres.url.replace("/limner?", "/elsewhere?"))
    assert 'database "elsewhere" does not exist' in found.words
    assert found.advice.startswith("Create that database")


async def test_a_schema_that_is_behind_names_the_command_for_it(
    admin: "asyncpg.Connection[asyncpg.Record]", database_url: str
) -> None:
    (newest,) = await admin.fetch(
        "DELETE FROM limner_migrations WHERE number ="
        " (SELECT max(number) FROM limner_migrations) RETURNING name"
    )
    found = await told(database_url)
    assert found.mark == Mark.WRONG
    assert newest["name"] in found.words
    assert "limner migrate" in found.words


async def test_tables_that_the_role_may_not_write_are_named(
    admin: "asyncpg.Connection[asyncpg.Record]", database_url: str
) -> None:
    await admin.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ada"
    )
    assert (await told(as_ada(database_url))).mark == Mark.OK
    await admin.execute("REVOKE UPDATE ON transitions, limner_migrations FROM ada")
    assert (await told(as_ada(database_url))).mark == Mark.OK
    await admin.execute("REVOKE UPDATE ON plots FROM ada")
    await admin.execute("REVOKE INSERT ON transitions FROM ada")
    found = await told(as_ada(database_url))
    assert found.mark == Mark.WRONG
    assert found.words == "This role may not read and write plots, transitions."


async def test_a_postgres_that_takes_no_writes_is_wrong(
    admin: "asyncpg.Connection[asyncpg.Record]", database_url: str
) -> None:
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    found = await told(database_url)
    assert (found.mark, found.words) == (Mark.WRONG, "It takes no writes.")


@pytest.mark.parametrize("whose", ["ROLE ada", "DATABASE {name}"])
async def test_few_connections_that_are_left_are_worth_a_warning(
    admin: "asyncpg.Connection[asyncpg.Record]", database_url: str, whose: str
) -> None:
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ada"
    )
    for limit, mark in ((CONNECTIONS + 9, Mark.OK), (CONNECTIONS, Mark.WARNING)):
        await admin.execute(f"ALTER {whose.format(name=name)} CONNECTION LIMIT {limit}")
        found = await told(as_ada(database_url))
        assert found.mark == mark, found
    assert "connections are left" in found.words


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    """A Valkey for a test alone."""
    async with ValkeyServer(tmp_path / "own") as server:
        yield server


async def redis_says(url: str) -> Finding:
    """The one thing that is found out about a Redis."""
    (found,) = await check_redis(url)
    assert "secret" not in str(found)
    return found


async def test_a_redis_that_was_stopped_is_told_where_it_should_be(own: ValkeyServer) -> None:
    assert (await redis_says(own.url)).mark == Mark.OK
    await own.stop()
    found = await redis_says(own.url)
    assert found.mark == Mark.WRONG
    assert str(own.socket) in found.words
    assert found.advice.startswith("Start Redis")


@pytest.mark.parametrize("login", ["", "username=ada&password=secret-2&"])
async def test_a_redis_that_wants_another_password_is_told_as_one(
    own: ValkeyServer, login: str
) -> None:
    async with Redis.from_url(own.url) as redis:
        await redis.config_set("requirepass", "another")
    found = await redis_says(own.url.replace("?", f"?{login}"))
    assert found.mark == Mark.WRONG
    assert "user and password" in found.advice


async def test_a_redis_that_forgets_is_worth_a_warning(own: ValkeyServer) -> None:
    async with Redis.from_url(own.url) as redis:
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        assert (await redis_says(own.url)).mark == Mark.OK  # it never comes to that without a limit
        await redis.config_set("maxmemory", "100mb")
        found = await redis_says(own.url)
        assert found.mark == Mark.WARNING
        assert "allkeys-lru" in found.words
        assert "noeviction" in found.advice
        await redis.config_set("maxmemory-policy", "noeviction")
        assert (await redis_says(own.url)).mark == Mark.OK
        await redis.config_set("maxmemory", (await redis.info("memory"))["used_memory"])
        assert "of its memory is used" in (await redis_says(own.url)).words


async def test_a_replica_is_not_the_redis_to_use(own: ValkeyServer) -> None:
    async with Redis.from_url(own.url) as redis:
        await redis.replicaof("127.0.0.1", "1")
    found = await redis_says(own.url)
    assert (found.mark, found.words) == (Mark.WRONG, "It is a replica, which takes no writes.")


async def test_servers_that_are_frozen_are_told_of_in_time_and_hold_up_nothing_else(
    own: ValkeyServer, tmp_path: Path
) -> None:
    assert own.pid is not None
    os.kill(own.pid, signal.SIGSTOP)
    env = {"LIMNER_REDIS_URL": own.url, "LIMNER_DATA_DIR": str(tmp_path), "LIMNER_PORT": "0"}
    found = await examined(env)
    os.kill(own.pid, signal.SIGCONT)
    (told,) = (finding for finding in found.bad if finding.mark == Mark.WRONG)
    assert (told.part, told.words) == ("Redis", "There was no answer within 5 seconds.")
    assert {finding.part for finding in found.findings} >= {"images", "avatar", "port"}


async def test_what_is_not_answered_in_time_is_told_of_in_its_place() -> None:
    async def never() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def at_once() -> list[Finding]:
        return [Finding("second", Mark.OK, "Here.")]

    checks = [Check("first", never, "Wait.", seconds=0.01), Check("second", at_once, "")]
    heard: list[Finding] = []
    assert await examine(checks, heard.append) == heard
    assert heard == [
        Finding("first", Mark.WRONG, "There was no answer within 0.01 seconds.", "Wait."),
        Finding("second", Mark.OK, "Here."),
    ]


async def test_workers_are_those_that_listen_and_look_into_the_queue(
    worker: StartWorker, redis_url: str
) -> None:
    (found,) = await check_queue(redis_url)
    assert found.mark == Mark.WARNING
    assert "limner worker" in found.advice
    async with Redis.from_url(redis_url) as redis, worker() as process:
        async with asyncio.timeout(BOUND_SECONDS):
            while (
                not await redis.exists(f"{QUEUE}:health-check") or not await redis.pubsub_numpat()
            ):
                pass
        (found,) = await check_queue(redis_url)
        assert (found.mark, found.words) == (Mark.OK, "1 at work, nothing in the queue.")
        await redis.delete(f"{QUEUE}:health-check")
        (found,) = await check_queue(redis_url)
        assert found.mark == Mark.WARNING
        assert "none has looked" in found.words
        await redis.zadd(QUEUE, {"nobody:1": 4e15})
        await redis.set(f"{QUEUE}:health-check", "of one that was killed")
        process.send(signal.SIGKILL)
        await process.ended()
        (found,) = await check_queue(redis_url)
        assert found.mark == Mark.WARNING
        assert "None is at work, 1 in the queue" in found.words
