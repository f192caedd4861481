"""The queue over HTTP, and its page."""

import re
from typing import Any

import pytest

from stage.author import Author
from web.shapes import is_id, is_time

ENTRY = {
    "task_id",
    "character_id",
    "plot_id",
    "name",
    "title",
    "status",
    "attempt",
    "max_attempts",
    "provider",
    "model",
    "queued_at",
    "since",
    "late_since",
    "waiting_seconds",
    "drawing_seconds",
    "total_seconds",
    "phases",
    "estimate",
    "error",
    "error_code",
    "last_error",
    "thumbnail_url",
}
LISTS = {
    "pending": {"pending"},
    "generating": {"generating"},
    "finished": {"completed", "failed", "canceled"},
}


def check(view: Any) -> None:
    """See that a view has its shape, whatever is in it."""
    assert view.keys() == {"at", "counts", *LISTS}
    assert is_time(view["at"])
    counted = {"pending", "generating", "late", "completed", "failed", "canceled"}
    assert view["counts"].keys() == counted | {"window_seconds"}
    for name, statuses in LISTS.items():
        for entry in view[name]:
            assert entry.keys() == ENTRY
            assert entry["status"] in statuses
            assert all(is_id(entry[key]) for key in ("task_id", "character_id", "plot_id"))
            assert is_time(entry["queued_at"])
            assert is_time(entry["since"])
            assert entry["phases"]
            assert entry["total_seconds"] >= 0


async def asked(author: Author, query: str = "") -> Any:
    answer = await author.ask("GET", f"/api/queue{query}")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    check(answer.json)
    return answer.json


async def test_who_waits_is_in_the_queue_until_canceled(waiting: Author) -> None:
    plot_id = await waiting.plot("The Attic")
    character_id = await waiting.character(plot_id, "Ripper")
    before = (await asked(waiting))["counts"]
    task_id = (await waiting.draw(character_id))["task_id"]
    assert (await asked(waiting))["counts"] == before | {"pending": before["pending"] + 1}
    await waiting.ask("POST", f"/api/characters/{character_id}/image/cancel")
    view = await asked(waiting)
    assert view["counts"] == before | {"canceled": before["canceled"] + 1}
    newest = view["finished"][0]
    assert (newest["task_id"], newest["name"], newest["title"]) == (task_id, "Ripper", "The Attic")
    assert [phase["status"] for phase in newest["phases"]] == ["pending"]
    assert newest["waiting_seconds"] == newest["total_seconds"]
    assert newest["drawing_seconds"] == 0


async def test_what_was_drawn_tells_how_long_it_took(author: Author) -> None:
    character_id = await author.character(await author.plot())
    task_id = (await author.draw(character_id))["task_id"]
    image = (await author.finished(character_id))["metadata"]
    (entry,) = [one for one in (await asked(author))["finished"] if one["task_id"] == task_id]
    assert entry["drawing_seconds"] == pytest.approx(image["duration_seconds"], abs=0.002)
    assert entry["thumbnail_url"] == image["image"]["thumbnail_url"]


async def test_lists_are_as_long_as_is_asked_for(waiting: Author) -> None:
    plot_id = await waiting.plot()
    for _ in range(3):
        await waiting.draw(await waiting.character(plot_id))
    assert len((await asked(waiting, "?limit=2"))["pending"]) == 2
    assert len((await asked(waiting, "?limit=100"))["pending"]) >= 3


async def test_its_page_lets_nobody_else_in_and_has_all_it_names(author: Author) -> None:
    answer = await author.ask("GET", "/queue")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    named = re.findall(r'(?:src|href)="(/[^"]*)"', answer.raw.decode())
    assert "/page/queue.js" in named
    for path in named:
        assert (await author.ask("GET", path)).status == 200, path
    assert "style=" not in answer.raw.decode()
