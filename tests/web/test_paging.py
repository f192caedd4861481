"""Lists in pages: a limit, a cursor, and what is neither."""

import base64
import json

import pytest

from stage.author import Author
from web.shapes import NOBODY, told


def cursor(*values: object) -> str:
    """A forged one."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


async def pages(author: Author, path: str, limit: int) -> list[list[str]]:
    """The ids on all pages of a list."""
    found, following = [], ""
    while True:
        page = (await author.ask("GET", f"{path}?limit={limit}{following}")).json
        found.append([item.get("id", item.get("task_id")) for item in page["items"]])
        if page["next"] is None:
            return found
        following = f"&cursor={page['next']}"


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (100, [5])])
async def test_generations_come_page_by_page_each_exactly_once(
    waiting: Author, limit: int, sizes: list[int]
) -> None:
    character_id = await waiting.character(await waiting.plot())
    path, made = f"/api/characters/{character_id}", []
    for _ in range(5):
        made.append((await waiting.draw(character_id))["task_id"])
        await waiting.ask("POST", f"{path}/image/cancel")
    found = await pages(waiting, f"{path}/generations", limit)
    assert [len(page) for page in found] == sizes
    assert [task_id for page in found for task_id in page] == made[::-1]


async def test_plots_come_page_by_page_and_those_made_meanwhile_do_not_disturb(
    author: Author,
) -> None:
    made = [await author.plot(f"plot {number}") for number in range(5)]
    first = (await author.ask("GET", "/api/plots?limit=2")).json
    await author.plot("made meanwhile")
    second = (await author.ask("GET", f"/api/plots?limit=3&cursor={first['next']}")).json
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]


async def test_a_page_has_fifty_items_when_nobody_says_how_many(author: Author) -> None:
    for number in range(51):
        await author.plot(f"plot {number}")
    page = (await author.ask("GET", "/api/plots")).json
    assert len(page["items"]) == 50
    assert page["next"]


LIMITS = ["0", "101", "-1", "", "1.0", "ten", "%C2%B2", "%D9%A1", "1e1", "+1", "9" * 5000]


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_limit_is_a_whole_number_from_1_to_100(author: Author, limit: str) -> None:
    character_id = await author.character(await author.plot())
    for path in ("/api/plots", "/api/queue", f"/api/characters/{character_id}/generations"):
        refused = await author.ask("GET", f"{path}?limit={limit}")
        assert told(refused, 422, "invalid_request") == ["/limit"]


FORGED = [
    "",
    "nothing",
    "%F0%9F%98%80",
    "A",
    cursor(),
    cursor(True),
    cursor(None),
    cursor(1.5),
    cursor([1]),
    cursor("2026-01-01T00:00:00Z", "no id"),
    cursor("no time", NOBODY),
    cursor("0001-01-01T00:00:00+14:00", NOBODY),
    cursor("9999-12-31T23:59:59-14:00", NOBODY),
    cursor(-1),
    cursor(2**63),
    cursor(10**30),
    base64.urlsafe_b64encode(b"[" * 4000).decode(),
]


@pytest.mark.parametrize("forged", FORGED)
async def test_a_cursor_that_no_page_gave_is_refused(author: Author, forged: str) -> None:
    character_id = await author.character(await author.plot())
    for path in ("/api/plots", f"/api/characters/{character_id}/generations"):
        refused = await author.ask("GET", f"{path}?cursor={forged}")
        assert told(refused, 422, "invalid_request") == ["/cursor"]
