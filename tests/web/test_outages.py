"""What is answered while a part is away, and how soon."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from limner.embedded import PostgresServer, ValkeyServer
from limner.embedded.processes import send
from limner.store.migrate import migrate
from stage.author import Answer, Author
from stage.process import Process
from web.shapes import NOBODY, told

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
WITHIN_SECONDS = 5


@pytest_asyncio.fixture(scope="session")
async def away(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A Postgres that these tests may kill; each leaves it running."""
    folder = tmp_path_factory.mktemp("away")
    async with PostgresServer(folder, {"fsync": "off"}) as server:
        await migrate(server.url)
        yield server


async def within(seconds: float, answer: Awaitable[Answer]) -> Answer:
    """An answer that must not take longer."""
    async with asyncio.timeout(seconds):
        return await answer


@pytest_asyncio.fixture(params=["gone", "frozen"])
async def lost_redis(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a Redis that is not there, or that says nothing."""
    async with ValkeyServer(tmp_path) as server:
        if request.param == "gone":
            await server.stop()
        else:
            send(signal.SIGSTOP, server.place)
        yield server.url
        send(signal.SIGCONT, server.place)


async def test_without_redis_it_is_degraded_and_nothing_waits_long(
    api: Start, lost_redis: str
) -> None:
    async with api(LIMNER_REDIS_URL=lost_redis) as (_, author):
        ready = await within(2, author.ask("GET", "/readyz"))
        assert ready.status == 200
        assert ready.json["status"] == "degraded"
        assert ready.json["checks"]["postgres"] == "ok"
        assert ready.json["checks"]["redis"] != "ok"
        plot = (await within(2, author.ask("POST", "/api/plots", {"title": "x"}))).json
        path = f"/api/plots/{plot['id']}/characters"
        made = await within(2, author.ask("POST", path, {"name": "x"}))
        character = made.headers["Location"]
        assert (await within(2, author.ask("POST", f"{character}/image"))).status == 202
        polled = await within(1, author.ask("GET", f"{character}/image/status"))
        assert polled.json["status"] == "pending"
        assert (await within(2, author.ask("POST", f"{character}/image/cancel"))).status == 200
        assert (await within(2, author.ask("DELETE", character))).status == 204


Fault = Callable[[PostgresServer], Awaitable[None]]


async def killed(server: PostgresServer) -> None:
    await server.kill()


async def frozen(server: PostgresServer) -> None:
    send(signal.SIGSTOP, server.place)


async def mended(server: PostgresServer) -> None:
    """Running, whatever was done to it."""
    if server.pid is None:
        await server.start()
    else:
        send(signal.SIGCONT, server.place)


@pytest.mark.parametrize("fault", [killed, frozen])
async def test_without_postgres_every_answer_that_needs_it_says_so_in_time_and_it_recovers(
    api: Start, away: PostgresServer, fault: Fault
) -> None:
    async with AsyncExitStack() as stack:
        _, author = await stack.enter_async_context(api(LIMNER_DATABASE_URL=away.url))
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        plot, character = f"/api/plots/{plot_id}", f"/api/characters/{character_id}"
        stack.push_async_callback(mended, away)
        await fault(away)
        asked = [
            ("GET", "/api/plots", None),
            ("POST", "/api/plots", {"title": "x"}),
            ("GET", plot, None),
            ("PATCH", plot, {"title": "x"}),
            ("PUT", plot, None),
            ("DELETE", plot, None),
            ("POST", f"{plot}/characters", {"name": "x"}),
            ("GET", character, None),
            ("POST", f"{character}/image", None),
            ("GET", f"{character}/image/status", None),
            ("POST", f"{character}/image/cancel", None),
            ("GET", f"{character}/generations", None),
            ("GET", f"/api/generations/{NOBODY}", None),
            ("GET", f"/api/images/{'0' * 64}.png", None),
        ]
        answers = await asyncio.gather(
            *(within(WITHIN_SECONDS, author.ask(*each)) for each in asked),
            within(WITHIN_SECONDS, author.ask("GET", "/readyz")),
            within(WITHIN_SECONDS, author.ask("GET", "/healthz")),
        )
        live, ready = answers.pop(), answers.pop()
        for answer in answers:
            told(answer, 503, "database_unavailable")
            assert answer.headers["Retry-After"] == "2"
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert live.status == 200
        assert ready.status == 503
        assert ready.json["status"] == "unavailable"
        assert ready.json["checks"]["postgres"] != "ok"
        assert ready.json["checks"]["redis"] == "ok"
        await mended(away)
        assert (await author.ask("GET", plot)).json["title"] == "The Cupboard"
        assert (await author.ask("GET", "/readyz")).json["status"] == "ok"
