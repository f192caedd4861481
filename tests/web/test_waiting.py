"""`Prefer: wait`: a poll that is answered when there is something to say."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.requests import Request

from limner.web.waiting import wait_of
from stage.author import Answer, Author
from stage.process import BOUND_SECONDS, Process
from stage.reader import watching
from web.shapes import told

Start = Callable[..., AbstractAsyncContextManager[tuple[Process, Author]]]
LONG = "wait=60"


async def poll(author: Author, character_id: str, prefer: str, etag: str | None = None) -> Answer:
    more = {} if etag is None else {"If-None-Match": etag}
    path = f"/api/characters/{character_id}/image/status"
    async with asyncio.timeout(BOUND_SECONDS):
        return await author.ask("GET", path, Prefer=prefer, **more)


async def etag_of(author: Author, character_id: str) -> str:
    path = f"/api/characters/{character_id}/image/status"
    return (await author.ask("GET", path)).headers["ETag"]


async def until(author: Author, character_id: str, applied: str) -> None:
    """Return when a server that takes one who waits has one (`wait=0`), or none (`wait=60`).

    Who asks for any status but this is answered at once, and takes no place.
    """
    async with asyncio.timeout(BOUND_SECONDS):
        while (await poll(author, character_id, LONG, '"no"')).headers[
            "Preference-Applied"
        ] != applied:
            pass


async def test_the_answer_comes_when_the_image_is_there(author: Author) -> None:
    character_id = await author.character(await author.plot())
    await author.draw(character_id, provider="avatar")
    answer = await poll(author, character_id, LONG)
    assert (answer.status, answer.json["status"]) == (200, "completed")
    assert answer.headers["Preference-Applied"] == LONG
    assert "Retry-After" not in answer.headers
    assert answer.json == await author.status(character_id)


async def test_who_knows_one_status_is_answered_with_the_next(author: Author) -> None:
    character_id = await author.character(await author.plot())
    etag, seen = await etag_of(author, character_id), []
    waiting = asyncio.create_task(poll(author, character_id, LONG, etag))
    await author.draw(character_id, provider="avatar")
    answer = await waiting
    while answer.json["status"] != "completed":
        seen.append(answer.json["seq"])
        answer = await poll(author, character_id, LONG, answer.headers["ETag"])
        assert answer.status == 200
    assert seen == sorted(set(seen))
    assert seen
    assert answer.json["seq"] == 3


@pytest.mark.parametrize("knows_it", [True, False])
async def test_when_nothing_happens_it_is_said_after_the_time(
    waiting: Author, *, knows_it: bool
) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    etag = await etag_of(waiting, character_id)
    began = asyncio.get_running_loop().time()
    answer = await poll(waiting, character_id, "wait=1", etag if knows_it else None)
    assert asyncio.get_running_loop().time() - began >= 1
    assert answer.status == (304 if knows_it else 200)
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["ETag"] == etag


async def test_who_knows_another_status_is_answered_at_once(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    answer = await poll(waiting, character_id, LONG, '"none"')
    assert (answer.status, answer.json["status"]) == (200, "pending")


PREFERENCES = {
    "wait=7": "wait=7",
    "WAIT = 7": "wait=7",
    'wait="7"': "wait=7",
    "wait=0": "wait=0",
    "wait=60": "wait=60",
    "wait=61": "wait=60",
    "wait=99999999999999999999": "wait=60",
    "respond-async, wait=7; x=1": "wait=7",
    'note="a, wait=1", wait=7': "wait=7",
    "wait=7, wait=8": "wait=7",
    "wait": None,
    "wait=": None,
    "wait=-1": None,
    "wait=1.5": None,
    "wait=soon": None,
    "waiter=7": None,
    "": None,
}


@pytest.mark.parametrize("prefer", PREFERENCES)
async def test_the_seconds_are_whole_and_sixty_at_the_most(waiting: Author, prefer: str) -> None:
    """With nothing in flight there is nothing to wait for."""
    character_id = await waiting.character(await waiting.plot())
    answer = await poll(waiting, character_id, prefer)
    assert (answer.status, answer.json["status"]) == (200, "none")
    assert answer.headers.get("Preference-Applied") == PREFERENCES[prefer]


async def test_canceling_answers_all_who_wait(waiting: Author) -> None:
    character_id = await waiting.character(await waiting.plot())
    await waiting.draw(character_id)
    polls = [asyncio.create_task(poll(waiting, character_id, LONG)) for _ in range(50)]
    await waiting.ask("POST", f"/api/characters/{character_id}/image/cancel")
    answers = await asyncio.gather(*polls)
    assert {answer.json["status"] for answer in answers} == {"canceled"}


@pytest.mark.parametrize("what", ["character", "plot"])
async def test_what_is_deleted_meanwhile_is_not_found(api: Start, what: str) -> None:
    async with api(LIMNER_MAX_STREAMS="1") as (_, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        await author.draw(character_id)
        etag = await etag_of(author, character_id)
        waits = asyncio.create_task(poll(author, character_id, LONG, etag))
        await until(author, character_id, "wait=0")
        await author.ask("DELETE", f"/api/{what}s/{locals()[f'{what}_id']}")
        told(await waits, 404, "not_found")


async def test_a_server_that_stops_answers_with_the_status_as_it_is(api: Start) -> None:
    async with api(LIMNER_MAX_STREAMS="1") as (process, author):
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        waits = asyncio.create_task(poll(author, character_id, LONG))
        await until(author, character_id, "wait=0")
        process.send(signal.SIGTERM)
        answer = await waits
        assert (answer.status, answer.json["status"]) == (200, "pending")
        assert await process.ended() == 0


async def test_who_leaves_makes_room(api: Start) -> None:
    async with api(LIMNER_MAX_STREAMS="1") as (_, author):
        plot_id = await author.plot()
        character_id = await author.character(plot_id)
        await author.draw(character_id)
        waits = asyncio.create_task(poll(author, character_id, LONG))
        await until(author, character_id, "wait=0")
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
        await until(author, character_id, LONG)
        async with watching(author.session, f"/api/plots/{plot_id}/events") as stream:
            assert await stream.greeted() < 5000


async def test_without_redis_it_is_answered_a_little_later(
    api: Start,
) -> None:
    nowhere = {"LIMNER_REDIS_URL": "redis://127.0.0.1:1/0"}
    async with api(**nowhere) as (_, author), api(**nowhere) as (_, other):
        character_id = await author.character(await author.plot())
        await author.draw(character_id)
        waits = asyncio.create_task(poll(author, character_id, LONG))
        await other.ask("POST", f"/api/characters/{character_id}/image/cancel")
        assert (await waits).json["status"] == "canceled"


def test_a_string_that_nobody_closes_costs_no_more_than_its_length() -> None:
    """In quadratic time it would keep the whole process for minutes."""
    hostile = b"\x22" + b"\\\x22" * 100_000
    scope = {"type": "http", "headers": [(b"prefer", hostile), (b"prefer", b"wait=7")]}
    assert wait_of(Request(scope)) is None
