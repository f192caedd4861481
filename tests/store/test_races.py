"""Many at once, and one of them wins."""

import asyncio
from collections import Counter

import pytest

from limner.domain.errors import NotFoundError
from store.story import MINUTES, OWNER, Admin, Story, fresh, until_one_waits


async def test_of_fifty_requests_at_once_exactly_one_begins(story: Story) -> None:
    character_id = await story.somebody()
    answers = await asyncio.gather(*(story.ask(character_id) for _ in range(50)))
    assert Counter(answer.begun for answer in answers) == {True: 1, False: 49}
    assert len({answer.transition.task_id for answer in answers}) == 1
    assert await story.moves() == [(1, None, "pending")]


async def test_of_twenty_takers_at_once_exactly_one_draws(story: Story) -> None:
    task_id = await story.waiting()
    takes = await asyncio.gather(
        *(story.ledger.take(task_id, token=fresh(), lease_seconds=MINUTES) for _ in range(20))
    )
    assert len([taken for taken in takes if taken]) == 1
    assert len(await story.moves()) == 2


async def test_completed_and_canceled_at_once_is_only_one_of_them(story: Story) -> None:
    for _ in range(10):
        taken = await story.taken()
        ends = await asyncio.gather(
            story.complete(taken),
            story.ledger.cancel(taken.transition.task_id, move=fresh()),
            story.fail(taken),
        )
        assert len([end for end in ends if end]) == 1


async def test_of_two_removals_at_once_exactly_one_finds_the_character(story: Story) -> None:
    character_id = await story.somebody()
    answers = await asyncio.gather(
        *(story.ledger.remove_character(character_id, OWNER) for _ in range(2)),
        return_exceptions=True,
    )
    assert Counter(isinstance(answer, NotFoundError) for answer in answers) == {True: 1, False: 1}


async def test_a_request_that_waited_while_its_character_was_removed_draws_nothing(
    story: Story, admin: Admin
) -> None:
    character_id = await story.somebody()
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR UPDATE")
        asking = asyncio.ensure_future(story.ask(character_id))
        await until_one_waits(admin)
        await admin.execute("UPDATE characters SET deleted_at = clock_timestamp()")
    with pytest.raises(NotFoundError):
        await asking
    assert await story.moves() == []


async def test_a_request_that_waited_while_its_plot_was_removed_draws_nothing(
    story: Story, admin: Admin
) -> None:
    character_id = await story.somebody()
    async with admin.transaction():
        await admin.execute("DELETE FROM plots")
        asking = asyncio.ensure_future(story.ask(character_id))
        await until_one_waits(admin)
    with pytest.raises(NotFoundError):
        await asking


async def test_requests_and_removals_at_once_leave_nobody_removed_in_flight(story: Story) -> None:
    people = [await story.somebody() for _ in range(20)]
    await asyncio.gather(
        *(story.ask(character_id) for character_id in people),
        *(story.ledger.remove_character(character_id, OWNER) for character_id in people),
        return_exceptions=True,
    )
    flying = await story.rows(
        "SELECT status FROM generations WHERE status IN ('pending', 'generating')"
    )
    assert flying == []
    assert [move[0] for move in await story.moves()] == list(range(1, len(await story.moves()) + 1))
