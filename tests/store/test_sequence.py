"""The numbers of a plot: no gap, in commit order, and nothing that comes later below them."""

import asyncio
from itertools import pairwise

from limner.domain.transition import Transition
from store.story import MINUTES, Admin, Story, fresh, until_one_waits


async def draw_all(story: Story, count: int) -> None:
    """Many characters drawn at the same time, five moves each."""

    async def draw() -> None:
        taken = await story.taken()
        assert await story.give_back(taken)
        again = await story.take(taken.transition.task_id)
        await story.complete(again)

    await asyncio.gather(*(draw() for _ in range(count)))


async def test_two_hundred_moves_at_once_leave_no_number_out(story: Story) -> None:
    await draw_all(story, 40)
    told = await story.told()
    assert [each.seq for each in told] == list(range(1, 201))
    assert await story.history.plot_seq(story.plot_id, "ada") == 200


async def test_who_has_seen_a_number_has_seen_all_below_it(story: Story) -> None:
    seen: list[Transition] = []
    pages = 0

    async def read_until(last: int) -> None:
        nonlocal pages
        while len(seen) < last:
            after = seen[-1].seq if seen else 0
            page = await story.history.replay(story.plot_id, after=after, count=1000)
            pages += bool(page)
            seen.extend(page)

    async with asyncio.timeout(30):
        await asyncio.gather(draw_all(story, 40), read_until(200))
    assert pages > 5
    assert [each.seq for each in seen] == list(range(1, 201))


async def test_a_number_is_not_given_out_before_the_one_below_is_committed(
    story: Story, admin: Admin
) -> None:
    """Where a bigserial would let 3 be read while 2 is still to come."""
    first, second = await story.waiting(), await story.waiting()
    async with admin.transaction():
        await admin.execute("SELECT FROM plots FOR UPDATE")
        await admin.execute("UPDATE plots SET seq = 3")
        await admin.execute(
            "UPDATE generations SET seq = 3, status = 'canceled', finished_at = now()"
            " WHERE id = $1",
            first,
        )
        await admin.execute(
            "INSERT INTO transitions (plot_id, seq, generation_id, character_id, owner, move,"
            " previous, status, at, attempt, provider, model)"
            " SELECT plot_id, 3, id, character_id, owner, gen_random_uuid(), 'pending', status,"
            " now(), 0, provider, model FROM generations WHERE id = $1",
            first,
        )
        taking = asyncio.ensure_future(
            story.ledger.take(second, token=fresh(), lease_seconds=MINUTES)
        )
        await until_one_waits(admin)
        assert [each.seq for each in await story.told()] == [1, 2]
    taken = await taking
    assert taken is not None
    assert taken.transition.seq == 4
    assert [each.seq for each in await story.told()] == [1, 2, 3, 4]


async def test_a_move_that_is_undone_leaves_its_number_to_the_next(story: Story) -> None:
    """Where a sequence would have been used up."""
    character_id = await story.somebody()
    await story.ask(character_id)
    await story.ask(character_id)
    first = await story.waiting()
    await story.take(first)
    await story.ledger.take(first, token=fresh(), lease_seconds=MINUTES)
    assert [each.seq for each in await story.told()] == [1, 2, 3]


async def test_two_plots_count_for_themselves(story: Story) -> None:
    other = await Story.begun(story.database)
    await asyncio.gather(draw_all(story, 5), draw_all(other, 7))
    assert [each.seq for each in await story.told()] == list(range(1, 26))
    assert [each.seq for each in await other.told()] == list(range(1, 36))


async def test_every_generation_continues_where_it_was_in_the_one_sequence(story: Story) -> None:
    await draw_all(story, 20)
    told = await story.told()
    for task_id in {each.task_id for each in told}:
        own = [each for each in told if each.task_id == task_id]
        assert own[0].previous is None
        assert all(later.previous == earlier.status for earlier, later in pairwise(own))
