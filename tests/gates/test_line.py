"""Whoever stands in the line says so, and is believed for a while."""

import asyncio

import pytest

from limner.gates import line as module
from limner.gates.line import Line
from limner.gates.shared import Shared, open_shared


async def _until(line: Line, task_id: str, *, stands: bool) -> None:
    async with asyncio.timeout(10):
        while await line.stands([task_id]) != [stands]:
            pass


async def test_who_stands_in_the_line_is_known_everywhere_until_it_leaves(redis_url: str) -> None:
    async with open_shared(redis_url) as here, open_shared(redis_url) as there:
        line, elsewhere = Line(here), Line(there)
        async with line.standing("one"):
            await _until(elsewhere, "one", stands=True)
            assert await elsewhere.stands(["two", "one"]) == [False, True]
        assert await elsewhere.stands(["one"]) == [False]


async def test_who_is_silent_does_not_stand_there_any_more(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STAND_SECONDS", 0.2)
    line = Line(shared)
    async with line.standing("one"):  # and says it again after seconds only
        await _until(line, "one", stands=True)
        await _until(line, "one", stands=False)


async def test_who_stands_for_long_says_it_again(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAY_SECONDS", 0.05)
    line = Line(shared)
    async with line.standing("one"):
        await _until(line, "one", stands=True)
        await shared.run("return redis.call('DEL', KEYS[1])", "limner:line")
        await _until(line, "one", stands=True)


async def test_without_redis_nobody_knows() -> None:
    async with open_shared("redis://127.0.0.1:1") as away:
        assert await Line(away).stands(["one"]) is None
