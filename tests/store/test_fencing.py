"""Moves from the wrong place, or by one who has lost the lease, change nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from limner.domain.generation import Taken
from store.story import MINUTES, Story, fresh

Write = Callable[[Story, Taken], Awaitable[object]]


async def renew(story: Story, taken: Taken) -> object:
    """Whether it was renewed; None like the others when it was not."""
    task_id = taken.transition.task_id
    return await story.leases.renew(task_id, token=taken.token, lease_seconds=MINUTES) or None


WRITES: list[Write] = [Story.complete, Story.fail, Story.give_back, renew]
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)


async def everything(story: Story) -> list[object]:
    """All rows that a move touches."""
    return [
        *await story.rows("SELECT * FROM generations ORDER BY id"),
        *await story.rows("SELECT * FROM transitions ORDER BY seq"),
        *await story.rows("SELECT * FROM plots"),
    ]


async def assert_refused(story: Story, write: Write, taken: Taken) -> None:
    before = await everything(story)
    assert await write(story, taken) is None
    assert await everything(story) == before


@each_write
async def test_a_worker_with_another_token_writes_nothing(story: Story, write: Write) -> None:
    taken = await story.taken()
    stranger = replace(taken, token=fresh())
    await assert_refused(story, write, stranger)


@each_write
async def test_a_worker_whose_generation_was_canceled_writes_nothing(
    story: Story, write: Write
) -> None:
    taken = await story.taken()
    await story.ledger.cancel(taken.transition.task_id, move=fresh())
    await assert_refused(story, write, taken)


@each_write
async def test_a_worker_that_gave_it_back_writes_nothing_more(story: Story, write: Write) -> None:
    taken = await story.taken()
    await story.give_back(taken)
    await assert_refused(story, write, taken)


@each_write
async def test_a_worker_back_from_the_dead_writes_nothing_into_another_attempt(
    story: Story, write: Write
) -> None:
    taken = await story.taken()
    await story.give_back(taken)
    await story.take(taken.transition.task_id)
    await assert_refused(story, write, taken)


@each_write
async def test_what_is_completed_stays_so(story: Story, write: Write) -> None:
    taken = await story.taken()
    await story.complete(taken)
    await assert_refused(story, write, taken)


@each_write
async def test_what_has_failed_stays_so(story: Story, write: Write) -> None:
    taken = await story.taken()
    await story.fail(taken)
    await assert_refused(story, write, taken)


async def take_again(story: Story, taken: Taken) -> object:
    return await story.ledger.take(taken.transition.task_id, token=fresh(), lease_seconds=MINUTES)


async def cancel(story: Story, taken: Taken) -> object:
    return await story.ledger.cancel(taken.transition.task_id, move=fresh())


async def expire(story: Story, taken: Taken) -> object:
    return await story.ledger.expire(taken.transition.task_id, error="Too late.", move=fresh())


@pytest.mark.parametrize("end", [Story.complete, Story.fail, cancel])
@pytest.mark.parametrize("write", [take_again, cancel, expire])
async def test_nothing_follows_a_final_status(story: Story, end: Write, write: Write) -> None:
    taken = await story.taken()
    assert await end(story, taken)
    await assert_refused(story, write, taken)


async def test_what_is_drawn_already_can_not_be_taken(story: Story) -> None:
    await assert_refused(story, take_again, await story.taken())


async def test_a_deadline_that_passes_while_drawing_ends_it_and_its_worker_can_write_nothing(
    story: Story,
) -> None:
    taken = await story.taken()
    await assert_refused(story, expire, taken)
    await story.rows("UPDATE generations SET deadline_at = clock_timestamp()")
    assert await expire(story, taken) is not None
    for write in WRITES:
        await assert_refused(story, write, taken)


async def test_a_generation_whose_plot_is_gone_moves_nowhere(story: Story) -> None:
    taken = await story.taken()
    await story.plots.remove(story.plot_id, "ada")
    for write in (*WRITES, cancel, expire, take_again):
        assert await write(story, taken) is None
