"""A Postgres that is there and lets nobody in: everybody waits, nobody exits, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from faults.hired import GO, HELD
from faults.story import StartApi, StartWorker, ids, metadata, statuses, until_final
from limner.embedded import PostgresServer
from stage.author import Answer, Author
from stage.process import Process
from stage.reader import Stream, watching

WITHIN_SECONDS = 5.0
SWEEPS = 10
"""Of a worker, each at least 0.16 s apart: longer than a lease."""
AWAY_MS = range(5000, 15001)
LODGER = """
CREATE ROLE lodger LOGIN;
GRANT USAGE ON SCHEMA public TO lodger;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO lodger;
"""
"""Limner's role in production is no superuser, whom Postgres lets in at all times."""
REFUSALS = {
    "the database is closed": (
        "ALTER DATABASE limner ALLOW_CONNECTIONS false",
        "ALTER DATABASE limner ALLOW_CONNECTIONS true",
    ),
    "the role may not log in": ("ALTER ROLE lodger NOLOGIN", "ALTER ROLE lodger LOGIN"),
    "all connections are taken": (
        "ALTER DATABASE limner CONNECTION LIMIT 0",
        "ALTER DATABASE limner CONNECTION LIMIT -1",
    ),
}
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'limner'"


@dataclass
class Gate:
    """Who stands outside of the database and closes it."""

    postgres: PostgresServer
    connection: "asyncpg.Connection[asyncpg.Record]"

    @property
    def url(self) -> str:
        """The database, for one who may be refused."""
        return self.postgres.url.replace("//limner@", "//lodger@")

    async def close(self, statement: str) -> None:
        """Let nobody in any more, and throw out who is in."""
        await self.connection.execute(statement)
        await self.connection.execute(TERMINATE)


@pytest_asyncio.fixture
async def gate(own_postgres: PostgresServer) -> AsyncIterator[Gate]:
    """The gate of a Postgres of the test's own."""
    inside = await asyncpg.connect(own_postgres.url)
    await inside.execute(LODGER)
    await inside.close()
    outside = await asyncpg.connect(own_postgres.url.replace("/limner?", "/postgres?"))
    try:
        yield Gate(own_postgres, outside)
    finally:
        await outside.close()


async def _timely(author: Author, method: str, path: str) -> Answer:
    async with asyncio.timeout(WITHIN_SECONDS):
        return await author.ask(method, path)


async def _answers(author: Author, plot_id: str, character_id: str) -> None:
    """What is answered while the database is closed, and how soon."""
    path = f"/api/characters/{character_id}"
    *answers, ready = await asyncio.gather(
        _timely(author, "GET", f"/api/plots/{plot_id}"),
        _timely(author, "POST", f"{path}/image"),
        _timely(author, "GET", f"{path}/image/status"),
        _timely(author, "POST", f"{path}/image/cancel"),
        _timely(author, "GET", "/readyz"),
    )
    for answer in answers:
        assert (answer.status, answer.json["code"]) == (503, "database_unavailable"), answer
        assert answer.headers["Retry-After"] == "2"
    assert (ready.status, ready.json["status"]) == (503, "unavailable")
    assert ready.json["checks"]["redis"] == "ok"
    assert ready.json["checks"]["postgres"] != "ok"
    for stream in (f"/api/plots/{plot_id}/events", f"{path}/image/events"):
        async with asyncio.timeout(WITHIN_SECONDS), watching(author.session, stream) as turned_away:
            assert turned_away.response.status == 200
            assert await turned_away.rest() == []
            assert turned_away.parser.retry_ms in AWAY_MS


async def _heartbeats(stream: Stream, count: int) -> None:
    for _ in range(count):
        await stream.next("heartbeat")


async def _tries(worker: Process, times: int) -> None:
    """Wait until a worker has looked so often, from now on, and found the database closed."""
    for _ in range(times):
        worker.lines.clear()
        await worker.said("Could not look for lost generations")


@pytest.mark.parametrize(("close", "open_again"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_postgres_that_lets_nobody_in_costs_time_and_nothing_else(
    api: StartApi, hired: StartWorker, gate: Gate, close: str, open_again: str
) -> None:
    own = {"LIMNER_DATABASE_URL": gate.url, "LIMNER_HEARTBEAT_SECONDS": "0.3"}
    async with AsyncExitStack() as stack:
        (server, author), worker = await asyncio.gather(
            stack.enter_async_context(api(**own)), stack.enter_async_context(hired(**own))
        )
        plot_id = await author.plot()
        held, next_one = [await author.character(plot_id, name) for name in (HELD, "Ada")]
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        await author.draw(held)
        events = [await stream.next() for _ in range(2)]
        await worker.said("Generating image with model")
        await gate.close(close)
        await asyncio.gather(_answers(author, plot_id, next_one), _tries(worker, SWEEPS))
        await _heartbeats(stream, 3)
        worker.send(GO)  # it is drawn while there is nobody to tell
        await worker.said("Waiting for the database")
        await gate.connection.execute(open_again)
        events += await until_final(stream)
        assert (await author.ask("GET", "/readyz")).json["status"] == "ok"
        await author.draw(next_one)
        events += await until_final(stream)
        assert await server.stop() == 0
        assert await worker.stop() == 0
    assert ids(events) == [1, 2, 3, 4, 5, 6]
    assert statuses(events) == ["pending", "generating", "completed"] * 2
    assert [metadata(event)["attempt"] for event in events] == [0, 1, 1] * 2
    assert "Traceback" not in "\n".join([*server.raw, *worker.raw])


async def test_a_postgres_that_lets_in_no_more_than_are_in_is_told_of_in_time_or_answers(
    api: StartApi, hired: StartWorker, gate: Gate
) -> None:
    own = {"LIMNER_DATABASE_URL": gate.url}
    async with AsyncExitStack() as stack:
        (server, author), worker = await asyncio.gather(
            stack.enter_async_context(api(**own)), stack.enter_async_context(hired(**own))
        )
        plot_id = await author.plot()
        held = await author.character(plot_id, HELD)
        stream = await stack.enter_async_context(
            watching(author.session, f"/api/plots/{plot_id}/events")
        )
        await stream.greeted()
        await author.draw(held)
        events = [await stream.next() for _ in range(2)]
        close, open_again = REFUSALS["all connections are taken"]
        await gate.connection.execute(close)
        path = f"/api/plots/{plot_id}"
        answers = await asyncio.gather(*(_timely(author, "GET", path) for _ in range(30)))
        for answer in answers:
            assert answer.status == 200 or answer.json["code"] == "database_unavailable", answer
        worker.send(GO)
        await worker.said("Stored the image")
        await gate.connection.execute(open_again)
        events += await until_final(stream)
        assert await server.stop() == 0
        assert await worker.stop() == 0
    assert ids(events) == [1, 2, 3]
    assert metadata(events[-1])["attempt"] == 1
