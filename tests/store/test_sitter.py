"""Whom a request is for may change between being read and being drawn by what was read."""

import asyncio

import pytest

from limner.domain.errors import DatabaseBusyError, NotFoundError
from limner.domain.generation import Accepted, Request, Sitter
from limner.store import asking
from store.story import MINUTES, OWNER, STATED, Admin, Story, until_one_waits

each_change = pytest.mark.parametrize(
    ("change", "prompt"),
    [
        (
            "UPDATE characters SET name = 'Nora'",
            "Portrait of Nora, head and shoulders. A keeper of lights. Style: watercolour.",
        ),
        (
            "UPDATE characters SET description = 'a thief'",
            "Portrait of Mara 1, head and shoulders. A thief. Style: watercolour.",
        ),
        (
            "UPDATE plots SET style = 'ink'",
            "Portrait of Mara 1, head and shoulders. A keeper of lights. Style: ink.",
        ),
    ],
    ids=["name", "description", "style"],
)


async def ask(story: Story, character_id: str, sitter: Sitter) -> Accepted:
    return await story.ledger.accept(
        character_id,
        OWNER,
        Request(),
        provider="blank",
        model="square",
        stated=STATED,
        max_attempts=3,
        deadline_seconds=MINUTES,
        sitter=sitter,
    )


@each_change
async def test_a_change_after_the_reading_is_drawn(
    story: Story, admin: Admin, change: str, prompt: str
) -> None:
    character_id = await story.somebody()
    sitter = await story.ledger.sitter(character_id, OWNER)
    await admin.execute(change)
    accepted = await ask(story, character_id, sitter)
    assert accepted.begun
    assert accepted.transition.prompt == prompt
    assert accepted.transition.character_name in prompt


@each_change
async def test_so_is_a_change_that_it_waited_for(
    story: Story, admin: Admin, change: str, prompt: str
) -> None:
    character_id = await story.somebody()
    sitter = await story.ledger.sitter(character_id, OWNER)
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR UPDATE")
        await admin.execute(change)
        asking = asyncio.ensure_future(ask(story, character_id, sitter))
        await until_one_waits(admin)
    assert (await asking).transition.prompt == prompt
    assert await story.moves() == [(1, None, "pending")]


async def test_a_change_while_one_is_in_flight_begins_no_other(story: Story, admin: Admin) -> None:
    character_id = await story.somebody()
    sitter = await story.ledger.sitter(character_id, OWNER)
    first = await ask(story, character_id, sitter)
    await admin.execute("UPDATE characters SET name = 'Nora'")
    second = await ask(story, character_id, sitter)
    assert (first.begun, second.begun) == (True, False)
    assert second.transition == first.transition


async def test_who_left_after_the_reading_is_not_found(story: Story) -> None:
    character_id = await story.somebody()
    sitter = await story.ledger.sitter(character_id, OWNER)
    await story.ledger.remove_character(character_id, OWNER)
    with pytest.raises(NotFoundError):
        await ask(story, character_id, sitter)
    with pytest.raises(NotFoundError):
        await story.ledger.sitter(character_id, OWNER)


async def test_one_who_changes_each_time_is_not_read_for_ever(
    story: Story, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "READINGS", 1)
    character_id = await story.somebody()
    sitter = await story.ledger.sitter(character_id, OWNER)
    await admin.execute("UPDATE characters SET name = 'Nora'")
    with pytest.raises(DatabaseBusyError):
        await ask(story, character_id, sitter)
    assert await story.moves() == []
